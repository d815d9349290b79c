import { randomBytes } from 'node:crypto';
import { createCallMediaFactory } from '../../media-node/src/app/media/call-media-factory.ts';
import { imsTerms } from '../../media-node/src/core/sdp/ims-terms.ts';
import type { CallMedia } from '../../media-node/src/ports/call-media.ts';
import type { DtlsRole } from '../../media-node/src/ports/media-plane.ts';
import type { Transcoder } from '../../media-node/src/ports/transcoder.ts';
import type { VideoTranscoder } from '../../media-node/src/ports/video-transcoder.ts';
import type { IwfError } from '../../shared/src/errors/iwf-error.ts';
import type { Result } from '../../shared/src/result.ts';
import type { MediaPolicy } from '../../shared/src/store/media-policy.ts';
import { aBrowserSdp } from './an-sdp.ts';
import { FakeClock } from './fake-clock.ts';
import { RecordingMediaPlane } from './recording-media-plane.ts';

export const ALL_VOICE = ['G722', 'PCMA', 'PCMU', 'opus'];

export interface CallMediaSetUp {
  readonly codecs?: readonly string[];
  readonly policy?: MediaPolicy;
  readonly transport?: 'tls' | 'tcp';
  readonly transcoder?: Transcoder;
  readonly videoTranscoder?: VideoTranscoder;
  /** Of the node's media toward IMS. */
  readonly family?: 4 | 6;
  /** Of the media plane. */
  readonly imsDtlsRoles?: readonly DtlsRole[];
  /** Instead of a random one. */
  readonly random?: (bits: number) => string;
}

/** Descriptions of a call as the node makes them, over a plane that only remembers. */
export function aCallMedia({
  codecs = ALL_VOICE,
  policy = {},
  transport = 'tls',
  random = (bits) => randomBytes(bits / 8).toString('base64url'),
  transcoder,
  videoTranscoder,
  family,
  imsDtlsRoles,
}: CallMediaSetUp = {}) {
  const plane = new RecordingMediaPlane(imsDtlsRoles);
  const ids = {
    random,
    uuid: () => 'uuid',
  };
  const factory = createCallMediaFactory(
    {
      ...{ plane, ids, clock: new FakeClock() },
      ...(transcoder && { transcoder }),
      ...(videoTranscoder && { videoTranscoder }),
    },
    { addressPolicy: { allowLocal: false, refusedRanges: [] }, ...(family && { family }) },
  );
  const terms = imsTerms({ transport, media: policy });
  const media = factory.create({ callId: 'call-0001', codecs, terms }, () => undefined);
  return { media, call: plane.call };
}

export function taken<T>(result: Result<T, IwfError>): T {
  if (!result.ok) throw result.error;
  return result.value;
}

/** What IMS is offered for a browser. */
export async function offered(media: CallMedia): Promise<string> {
  return taken(await media.takeBrowserOffer(aBrowserSdp())).imsOffer;
}

/** Taken, answered by a browser, answered to IMS. */
export async function answered(media: CallMedia, sdp: string): Promise<string> {
  taken(await media.takeImsOffer(sdp));
  taken(media.takeBrowserAnswer(aBrowserSdp({ setup: 'active' })));
  return taken(media.imsAnswer());
}

export const codeOf = (result: Result<unknown, IwfError>): string =>
  result.ok ? 'ok' : result.error.code;

export const linesOf = (sdp: string, start: string): readonly string[] =>
  sdp.split('\r\n').filter((line) => line.startsWith(start));
