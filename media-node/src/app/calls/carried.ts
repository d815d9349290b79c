import type { CallNumbers, LegNumbers, SetUpTimes } from '@isthmus/shared/domain/call-numbers';
import {
  type CodecsOfLegs,
  numbersOfMedia,
  numbersOfVideo,
  type Since,
  type VideoCarried,
} from '../../core/quality/leg-numbers.ts';
import type { MediaStats } from '../../ports/media-stats.ts';

/** What went over the legs of one device of a call, and when it began to. */
export interface Carried {
  readonly stats: MediaStats;
  readonly codecs: CodecsOfLegs;
  readonly setUp: SetUpTimes;
  readonly video?: VideoCarried | undefined;
}

type Leg = 'access' | 'ims';
type Counted = 'packetsReceived' | 'octetsReceived' | 'packetsLost' | 'packetsSent' | 'octetsSent';

const COUNTED: readonly Counted[] = [
  'packetsReceived',
  'octetsReceived',
  'packetsLost',
  'packetsSent',
  'octetsSent',
];

/** Of one device. */
export const numbersOf = ({ codecs, setUp, stats, video }: Carried, since: Since): CallNumbers => ({
  ...numbersOfMedia(stats, codecs, since),
  setUp,
  ...(video && { video: numbersOfVideo(video) }),
});

/**
 * What all devices of a call carried together, as well as the one did that talked; nothing where no
 * media was opened.
 */
export function numbersOfCall(carried: readonly Carried[]): CallNumbers | undefined {
  const talker = talkerOf(carried);
  if (!talker) return undefined;
  const numbers = numbersOf(talker, 'begin');
  return {
    ...numbers,
    access: { ...numbers.access, ...sumOf(carried, 'access') },
    ims: { ...numbers.ims, ...sumOf(carried, 'ims') },
  };
}

export const talkerOf = (carried: readonly Carried[]): Carried | undefined =>
  carried.reduce<Carried | undefined>(
    (most, it) => (most && packetsOf(most) > packetsOf(it) ? most : it),
    undefined,
  );

const packetsOf = ({ stats: { access, ims } }: Carried): number =>
  access.packetsReceived + ims.packetsReceived + ims.packetsSent;

const sumOf = (carried: readonly Carried[], leg: Leg): Pick<LegNumbers, Counted> =>
  Object.fromEntries(
    COUNTED.map((name) => [name, carried.reduce((all, { stats }) => all + stats[leg][name], 0)]),
  ) as Pick<LegNumbers, Counted>;
