import type { StreamRewrite } from '../../ports/media-plane.ts';
import { type CodecWithPayload, isEvent, isSameCodec } from './codecs.ts';

/** Payload types as each side told the other: a sender uses those its receiver stated. */
export interface LegCodecs {
  /** In our description: what arrives bears these. */
  readonly local: readonly CodecWithPayload[];
  /** In theirs: what we send bears these. */
  readonly remote: readonly CodecWithPayload[];
}

/** The numbers by which packets pass between two legs (RFC 3264 §6.1). */
export function streamRewrite(browser: LegCodecs, ims: LegCodecs): StreamRewrite {
  const clockRateHz = ims.remote[0]?.clockRateHz;
  return {
    payloadToIms: mapping(browser.local, ims.remote),
    payloadToBrowser: mapping(ims.local, browser.remote),
    events: { browser: clocksIn(browser.local), ims: clocksIn(ims.local) },
    ...(clockRateHz === undefined ? {} : { clockRateHz }),
  };
}

const clocksIn = (codecs: readonly CodecWithPayload[]): ReadonlyMap<number, number> =>
  new Map(codecs.filter(isEvent).map((it) => [it.payloadType, it.clockRateHz]));

const mapping = (
  arriving: readonly CodecWithPayload[],
  leaving: readonly CodecWithPayload[],
): ReadonlyMap<number, number> =>
  new Map(
    arriving.flatMap((codec) => {
      const same = leaving.find((it) => isSameCodec(it, codec));
      return same ? [[codec.payloadType, same.payloadType] as const] : [];
    }),
  );
