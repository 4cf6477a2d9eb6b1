import type { Severity } from './reading.ts';

/** As OpenTelemetry numbers them: INFO, INFO2, WARN, ERROR. */
export const SEVERITY_NUMBER: Readonly<Record<Severity, number>> = {
  informational: 9,
  low: 10,
  medium: 13,
  high: 17,
};
