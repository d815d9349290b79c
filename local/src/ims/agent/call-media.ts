import type { MediaCounts, RtpEndpoint } from '../media/rtp-endpoint.ts';
import type { VideoMirror } from '../media/video-mirror.ts';
import {
  type AudioChoice,
  chooseAudio,
  type LocalMedia,
  writeAnswer,
  writeOffer,
} from '../sdp/answer.ts';
import { type Direction, parseSdp, type Sdp } from '../sdp/parse-sdp.ts';
import { chooseVideo, type VideoChoice, videoSection } from '../sdp/video.ts';

export interface CallMediaOptions {
  readonly host: string;
  /** Only these codecs are taken; any without. */
  readonly codecs?: readonly string[];
  /** Video is refused without. */
  readonly video?: VideoMirror | undefined;
}

export interface CallMedia {
  readonly endpoint: RtpEndpoint;
  /** The answer to an offer, or nothing where nothing fits; what was agreed before then stays. */
  answer(offer: string): string | undefined;
  /** Of what is agreed, if anything is; both ways unless said otherwise. */
  offer(direction?: Direction, video?: 'added'): string;
  /** Takes the answer to our offer; false where nothing fits. */
  take(answer: string): boolean;
  codec(): string | undefined;
  counts(): MediaCounts & { readonly videoPackets?: number };
  close(): void;
}

/** Offer and answer over one RTP endpoint, and one for video where there is to be some (RFC 3264). */
export function createCallMedia(
  endpoint: RtpEndpoint,
  { host, codecs, video }: CallMediaOptions,
): CallMedia {
  const sessionId = endpoint.port * 1_000;
  let version = 0;
  let agreed: AudioChoice | undefined;
  let seen: VideoChoice | undefined;
  let places: Sdp['media'] = [];

  function local(part?: LocalMedia['video']): LocalMedia {
    version += 1;
    return { ...{ host, port: endpoint.port, sessionId, version }, ...(part && { video: part }) };
  }

  function agree(sdp: Sdp, choice: AudioChoice): void {
    agreed = choice;
    places = sdp.media;
    seen = video && chooseVideo(sdp);
    endpoint.agree(choice);
    video?.agree(seen);
  }

  const lines = (direction: Direction): LocalMedia['video'] =>
    video && {
      mediaIndex: seen?.mediaIndex ?? placeOfVideo(places),
      lines: videoSection({ port: video.port, agreed: seen, direction }),
    };
  return {
    endpoint,
    answer(offer) {
      const sdp = parseSdp(offer);
      const choice = sdp && chooseAudio(sdp, codecs);
      if (sdp === undefined || choice === undefined) return undefined;
      agree(sdp, choice);
      return writeAnswer(sdp, choice, local(seen && lines(seen.direction)));
    },
    offer(direction = 'sendrecv', added) {
      const part = seen || added ? lines(direction) : undefined;
      return writeOffer(local(part), { agreed, direction, places });
    },
    take(answer) {
      const sdp = parseSdp(answer);
      const choice = sdp && chooseAudio(sdp, codecs);
      if (sdp && choice !== undefined) agree(sdp, choice);
      return choice !== undefined;
    },
    codec: () => agreed?.codec.name,
    counts: () => ({ ...endpoint.counts(), ...(video && { videoPackets: video.mirrored }) }),
    close() {
      endpoint.close();
      video?.close();
    },
  };
}

/** One that was refused is taken up again (RFC 3264 §8.1); else behind all there is. */
function placeOfVideo(places: Sdp['media']): number {
  const index = places.findIndex(({ kind }) => kind === 'video');
  return index < 0 ? Math.max(1, places.length) : index;
}

/** Whether an offer could be answered, asked before ports are opened for it. */
export function isAcceptable(offer: string, codecs?: readonly string[]): boolean {
  const sdp = parseSdp(offer);
  return sdp !== undefined && chooseAudio(sdp, codecs) !== undefined;
}
