import { randomBytes, randomUUID } from 'node:crypto';
import type { MediaPlaneOptions } from '../../media-node/src/adapters/media/media-plane-options.ts';
import { createNativeMediaPlane } from '../../media-node/src/adapters/native/native-media-plane.ts';
import { systemClock } from '../../media-node/src/adapters/time/system-clock.ts';
import { createPortableMediaPlane } from '../../media-node/src/adapters/werift/portable-media-plane.ts';
import { mediaAddon } from '../support/media-addon.ts';
import { silentLog } from '../support/sip-account-bench.ts';
import {
  type CreatePlane,
  describeMediaPlane,
  type PlaneSettings,
} from './media-plane.contract.ts';
import { describeDigits } from './media-plane-digits.contract.ts';
import { describeHandshake } from './media-plane-dtls.contract.ts';
import { describeHostileNetwork } from './media-plane-hostile.contract.ts';
import { describeImsLeg } from './media-plane-ims.contract.ts';
import { describeLateAnswers } from './media-plane-late.contract.ts';
import { describeNumbers } from './media-plane-numbers.contract.ts';
import { describeLite, describeRestart } from './media-plane-path.contract.ts';
import { describeVideo } from './media-plane-video.contract.ts';
import { describeVideoDetour } from './media-plane-video-detour.contract.ts';

const ids = {
  random: (bits: number) => randomBytes(Math.ceil(bits / 8)).toString('base64url'),
  uuid: () => randomUUID(),
};
const metrics = { count: () => undefined, gauge: () => undefined };
const deps = { clock: systemClock, ids, metrics, log: silentLog };

const HOST = '127.0.0.1';

const optionsOf = ({
  allowLocal,
  firstPort,
  lastPort,
  quarantineMs,
  isLite,
  ...timings
}: PlaneSettings): MediaPlaneOptions => ({
  browser: { bindAddress: HOST, announcedAddress: HOST, port: 0, stunPort: 0, isLite },
  ims: {
    ...{ bindAddress: HOST, announcedAddress: HOST },
    ...{ firstPort, lastPort, quarantineMs },
  },
  addressPolicy: { allowLocal, refusedRanges: [] },
  ...timings,
});

const createPortable: CreatePlane = (settings) =>
  createPortableMediaPlane(deps, optionsOf(settings));

const createNative: CreatePlane = (settings) =>
  createNativeMediaPlane(deps, { ...optionsOf(settings), addon: mediaAddon(), workers: 1 });

describeMediaPlane('portable', createPortable);
describeMediaPlane('native', createNative);

describe('MED-5, MED-6 and SES-8: another way to the browser', () => {
  describeRestart('portable', createPortable);
  describeRestart('native', createNative);
});

describe('MED-5 and MED-6: ICE lite', () => {
  describeLite('portable', createPortable);
  describeLite('native', createNative);
});

describeDigits('portable', createPortable);
describeDigits('native', createNative);

describe('MED-7 and SEC-4: hostile DTLS', () => {
  describeHandshake('portable', createPortable);
  describeHandshake('native', createNative);
});

describe('SEC-3, SEC-4, MED-1, MED-6, MED-7, MED-10 and MED-12: a hostile network', () => {
  describeHostileNetwork('portable', createPortable);
  describeHostileNetwork('native', createNative);
});

describe('MED-13: the numbers of a call', () => {
  describeNumbers('portable', createPortable);
  describeNumbers('native', createNative);
});

describe('MED-3 and MED-7: an IMS leg of one port, or of SRTP', () => {
  describeImsLeg('portable', createPortable);
  describeImsLeg('native', createNative);
});

// The other one names with every check (RFC 5245 §8.1.1.2), so that none is lost for good.
describe('MED-7: a slow browser', () => {
  describeLateAnswers('native', createNative);
});

describe('MED-2, MED-9, MED-10 and MED-12: video', () => {
  describeVideo('portable', createPortable);
  describeVideoDetour('portable', createPortable);
  describeVideo('native', createNative);
  describeVideoDetour('native', createNative);
});
