import { H264_DEFAULT_ID, h264IdAt, isPartOf } from './h264-profile.ts';
import {
  isSameVideo,
  modeOf,
  OF_EVERY_BROWSER,
  parameterOf,
  profileOf,
  type VideoCodec,
} from './video-codecs.ts';

/**
 * Not the same, and it passes all the same. Every decoder of a profile decodes its constrained part. What
 * an encoder may do beyond that (of Baseline FMO, ASO, redundant slices) no phone does that we know of,
 * and Chromium decodes the same of it, whichever of the two it has said.
 */
const meets = (a: VideoCodec, b: VideoCodec): boolean =>
  a.name === b.name &&
  modeOf(a) === modeOf(b) &&
  (isPartOf(profileOf(a), profileOf(b)) || isPartOf(profileOf(b), profileOf(a)));

/** Of these the one that is the same, else the one that passes for it. */
export const nearestVideo = (
  codecs: readonly VideoCodec[],
  wanted: VideoCodec,
): VideoCodec | undefined =>
  codecs.find((it) => isSameVideo(it, wanted)) ?? codecs.find((it) => meets(it, wanted));

/** Of theirs, in their order, the first that passes here; written as ours is, where they have it so, too. */
export function firstShared(
  theirs: readonly VideoCodec[],
  ours: readonly VideoCodec[],
): VideoCodec | undefined {
  const own = theirs.map((it) => nearestVideo(ours, it)).find((it) => it !== undefined);
  return own && nearestVideo(theirs, own);
}

/** Of what was offered, that which an answer takes: by its number first, for by that it will come. */
export const offeredAs = (
  offered: readonly VideoCodec[],
  answered: VideoCodec,
): VideoCodec | undefined =>
  nearestVideo(
    offered.filter((it) => it.payloadType === answered.payloadType),
    answered,
  ) ?? nearestVideo(offered, answered);

/** The parameters of a format, its profile as `own`, which it meets, writes it (RFC 6184 §8.2.2). */
export function parametersFor(own: VideoCodec, codec: VideoCodec): string | undefined {
  if (codec.name !== 'H264' || profileOf(own) === profileOf(codec)) return codec.fmtp;
  const said = `profile-level-id=${h264IdAt(idOf(own), idOf(codec))}`;
  const rest = (codec.fmtp ?? '').split(';').filter((it) => !/^\s*(profile-level-id=|$)/i.test(it));
  return [said, ...rest].join(';');
}

const idOf = (codec: VideoCodec): string =>
  parameterOf(codec, 'profile-level-id') ?? H264_DEFAULT_ID;

/** Behind a Baseline the constrained one, for browsers that have no other (RFC 7742 §6.2); nothing twice. */
export const withConstrained = (codecs: readonly VideoCodec[]): readonly VideoCodec[] =>
  codecs
    .flatMap((it) => {
      const constrained = OF_EVERY_BROWSER.find((other) => meets(it, other));
      const fmtp = constrained && parametersFor(constrained, it);
      if (fmtp === undefined) return [it];
      const twin = { ...it, fmtp };
      return codecs.some((other) => isSameVideo(other, twin)) ? [it] : [it, twin];
    })
    .filter((it, at, all) => all.findIndex((other) => isSameVideo(other, it)) === at);
