import { createCallMediaFactory } from '../../media-node/src/app/media/call-media-factory.ts';
import type { WhenFull } from '../../media-node/src/app/media/voice-agreement.ts';
import type { IwfError } from '../../shared/src/errors/iwf-error.ts';
import type { Result } from '../../shared/src/result.ts';
import { anImsSdp } from './an-sdp.ts';
import { FakeClock } from './fake-clock.ts';
import { FakeTranscoder } from './fake-transcoder.ts';
import { RecordingMediaPlane } from './recording-media-plane.ts';

export const TENANT = ['AMR-WB', 'AMR', 'G722', 'PCMA'];

/** The media of one call that may be transcoded. */
export function aTranscodedCall(
  options: {
    readonly transcoder?: FakeTranscoder;
    readonly codecs?: readonly string[];
    readonly whenFull?: WhenFull;
  } = {},
) {
  const { transcoder = new FakeTranscoder(), codecs = TENANT, whenFull = 'pass-through' } = options;
  const plane = new RecordingMediaPlane();
  const ids = { random: () => 'random', uuid: () => 'uuid' };
  const factory = createCallMediaFactory(
    { plane, ids, clock: new FakeClock(), transcoder },
    {
      addressPolicy: { allowLocal: false, refusedRanges: [] },
      whenTranscodersFull: whenFull,
    },
  );
  const media = factory.create({ callId: 'call-0001', codecs }, () => undefined);
  return { media, transcoder, call: plane.call };
}

/** An answer of a phone. */
export const amrWbAnswer = (
  payloadType = 104,
  format = 'mode-set=0,1,2',
  more: readonly string[] = [],
) =>
  anImsSdp({
    formats: `${String(payloadType)} 102`,
    audioLines: [
      `a=rtpmap:${String(payloadType)} AMR-WB/16000`,
      `a=fmtp:${String(payloadType)} ${format}`,
      'a=rtpmap:102 telephone-event/16000',
      ...more,
    ],
  });

export function taken<T>(result: Result<T, IwfError>): T {
  if (!result.ok) throw result.error;
  return result.value;
}
export const codeOf = (result: Result<unknown, IwfError>) => (result.ok ? 'ok' : result.error.code);
/** Its first line of audio. */
export const audio = (sdp: string) => sdp.split('\r\n').find((line) => line.startsWith('m=audio'));
