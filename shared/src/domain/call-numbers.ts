import * as z from 'zod';

const count = z.int().min(0);
const ms = z.number().min(0);
const mos = z
  .number()
  .min(1)
  .max(4.5)
  .describe('Estimate by the E-model of the codec (ITU-T G.107, G.107.1)');

const percent = z.number().min(0).max(100);
const reported = z.number().min(1).max(5).optional();

/** As a phone says of itself; what it does not know is absent. */
const measuredThere = z.object({
  lossPercent: percent.describe('Never came, since it began to receive'),
  discardPercent: percent.describe('Came too late or too early to be played'),
  burstPercent: percent.describe('Missing in stretches where much is'),
  burstMs: count.describe('How long such a stretch lasts on average'),
  gapPercent: percent.describe('Missing between them'),
  gapMs: count,
  jitterBufferMs: count.describe('How long its jitter buffer holds what comes'),
  roundTripMs: ms.optional(),
  endSystemDelayMs: ms.optional().describe('Its own part of the delay'),
  rating: z.int().min(0).max(100).optional().describe('R'),
  mosListening: reported.describe('Without delay'),
  mosConversational: reported.describe('With it'),
});

/** In which of its modes it is spoken now; in a record, in which most. Where it is transcoded. */
const kbitPerS = z.number().positive().optional();

/** One leg of a call: what came from there, and what went there. */
export const legNumbers = z.object({
  packetsReceived: count,
  octetsReceived: count,
  packetsLost: count.describe('Of those sent to us on this leg (RFC 3550 §A.3)'),
  packetsSent: count,
  octetsSent: count,
  codec: z.string().optional(),
  kbitPerSHeard: kbitPerS.describe('Of the mode of AMR or AMR-WB that comes from there'),
  kbitPerSSent: kbitPerS.describe('And of the one that goes there'),
  jitterMs: ms.optional().describe('Of what we receive (RFC 3550 §A.8), as it was last'),
  mos: mos.optional(),
  roundTripMs: ms.optional().describe('To the other end of the leg and back (RFC 3550 §6.4.1)'),
  far: z
    .object({
      ...{ packetsLost: count, jitterMs: ms, mos: mos.optional() },
      measured: measuredThere
        .optional()
        .describe('VoIP metrics, of an end that sends them (RFC 3611 §4.7)'),
    })
    .optional()
    .describe('How the other end receives what we send, as it reports'),
  playout: z
    .object({
      delayMs: ms.optional().describe('How long the jitter buffer holds what comes'),
      late: count.describe('Packets that came when their time was over'),
      concealed: count.describe('Frames that were made up, for they did not come'),
    })
    .optional()
    .describe('Where the call is transcoded'),
});

const requests = z.object({
  nacks: count.describe('For packets that did not come (RFC 4585 §6.2.1)'),
  pictures: count.describe('For a whole picture: PLI and FIR'),
});

const OF_VOICE = {
  mos: true,
  far: true,
  playout: true,
  kbitPerSHeard: true,
  kbitPerSSent: true,
} as const;

/** One leg of the video of a call. A picture has no score. */
export const videoLegNumbers = legNumbers.omit(OF_VOICE).extend({
  far: z.object({ packetsLost: count, jitterMs: ms }).optional(),
  bitsPerSReceived: count.describe('With headers, on average while there was video'),
  bitsPerSSent: count,
  requestsReceived: requests.describe('What the other end of the leg has asked for'),
  requestsSent: requests.describe('What it has been asked for'),
});

/** Absent in a call that never had video. */
export const videoNumbers = z.object({
  access: videoLegNumbers,
  ims: videoLegNumbers,
  onMs: count.describe('How long pictures could pass, one way or both'),
});

const stage = ms.optional();

/** How far a call has come, in milliseconds since it began; what has not happened is absent. */
export const setUpTimes = z.object({
  ringingMs: stage,
  answeredMs: stage,
  iceMs: stage.describe('A way between browser and node was found'),
  dtlsMs: stage.describe('The keys of the browser’s media are agreed'),
  soundToImsMs: stage.describe('The first packet of the browser went on to IMS'),
  soundToBrowserMs: stage.describe('The first packet of IMS went on to the browser'),
});

export const callNumbers = z.object({
  access: legNumbers.describe('Between browser and node'),
  ims: legNumbers.describe('Between node and IMS'),
  setUp: setUpTimes,
  video: videoNumbers.optional(),
});

export type MeasuredThere = z.infer<typeof measuredThere>;
export type LegNumbers = z.infer<typeof legNumbers>;
export type VideoLegNumbers = z.infer<typeof videoLegNumbers>;
export type VideoNumbers = z.infer<typeof videoNumbers>;
export type SetUpTimes = z.infer<typeof setUpTimes>;
export type CallNumbers = z.infer<typeof callNumbers>;
