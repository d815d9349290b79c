import { IwfError } from '@isthmus/shared/errors/iwf-error';
import { err, type Result } from '@isthmus/shared/result';
import { type Codec, isSameCodec } from './codecs.ts';

export const isAgreed = (wanted: Codec | undefined, first: Codec | undefined): boolean =>
  wanted !== undefined && first !== undefined && isSameCodec(wanted, first);

export const noCommonCodec = (offered: readonly Codec[]): Result<never, IwfError> =>
  err(new IwfError('sdp.no-common-codec', { offered: offered.map((it) => it.name) }));
