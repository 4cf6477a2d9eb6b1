/** A message in Slack, which is called by its channel and the time at which it was posted. */
export interface MessageId {
  readonly channel: string;
  readonly ts: string;
  /** It holds other questions besides, so it is not changed for one of them. */
  readonly shared: boolean;
}

const FORM = /^([A-Z][A-Z0-9]{2,30})\/(\d{1,12}\.\d{1,8})(\/digest)?$/;

/** Nothing where the text is no id of a message as it is made here. */
export function readMessageId(text: string | undefined): MessageId | undefined {
  const [, channel, ts, shared] = FORM.exec(text ?? '') ?? [];
  return channel === undefined || ts === undefined
    ? undefined
    : { channel, ts, shared: shared !== undefined };
}

export function messageId({ channel, ts, shared }: MessageId): string {
  return `${channel}/${ts}${shared ? '/digest' : ''}`;
}
