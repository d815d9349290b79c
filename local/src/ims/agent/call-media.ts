import type { MediaCounts, RtpEndpoint } from '../media/rtp-endpoint.ts';
import {
  type AudioChoice,
  chooseAudio,
  type LocalMedia,
  writeAnswer,
  writeOffer,
} from '../sdp/answer.ts';
import { type Direction, parseSdp } from '../sdp/parse-sdp.ts';

export interface CallMediaOptions {
  readonly host: string;
  /** Only these codecs are taken; any without. */
  readonly codecs?: readonly string[];
}

export interface CallMedia {
  readonly endpoint: RtpEndpoint;
  /** The answer to an offer, or nothing where nothing fits; what was agreed before then stays. */
  answer(offer: string): string | undefined;
  /** Of what is agreed, if anything is; both ways unless said otherwise. */
  offer(direction?: Direction): string;
  /** Takes the answer to our offer; false where nothing fits. */
  take(answer: string): boolean;
  codec(): string | undefined;
  counts(): MediaCounts;
}

/** Offer and answer over one RTP endpoint (RFC 3264). */
export function createCallMedia(
  endpoint: RtpEndpoint,
  { host, codecs }: CallMediaOptions,
): CallMedia {
  const sessionId = endpoint.port * 1_000;
  let version = 0;
  let agreed: AudioChoice | undefined;

  function local(): LocalMedia {
    version += 1;
    return { host, port: endpoint.port, sessionId, version };
  }

  function agree(choice: AudioChoice): void {
    agreed = choice;
    endpoint.agree(choice);
  }

  return {
    endpoint,
    answer(offer) {
      const sdp = parseSdp(offer);
      const choice = sdp && chooseAudio(sdp, codecs);
      if (sdp === undefined || choice === undefined) return undefined;
      agree(choice);
      return writeAnswer(sdp, choice, local());
    },
    offer: (direction = 'sendrecv') => writeOffer(local(), { agreed, direction }),
    take(answer) {
      const sdp = parseSdp(answer);
      const choice = sdp && chooseAudio(sdp, codecs);
      if (choice !== undefined) agree(choice);
      return choice !== undefined;
    },
    codec: () => agreed?.codec.name,
    counts: () => endpoint.counts(),
  };
}

/** Whether an offer could be answered, asked before ports are opened for it. */
export function isAcceptable(offer: string, codecs?: readonly string[]): boolean {
  const sdp = parseSdp(offer);
  return sdp !== undefined && chooseAudio(sdp, codecs) !== undefined;
}
