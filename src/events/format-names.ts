/** The formats that entries can be sent in. */
export const FORMAT_NAMES = ['ocsf', 'cef', 'cloudevents', 'otel'] as const;
export type FormatName = (typeof FORMAT_NAMES)[number];
