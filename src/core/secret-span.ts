import type { SecretKind } from './secret-marks.ts';

/** A stretch of a text that is a secret. */
export interface SecretSpan {
  readonly from: number;
  readonly to: number;
  readonly kind: SecretKind;
  /** It holds what secrets of its kind have no need of. */
  readonly unusual: boolean;
}
