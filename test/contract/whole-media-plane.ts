import { randomBytes, randomUUID } from 'node:crypto';
import type { MediaPlaneOptions } from '../../media-node/src/adapters/media/media-plane-options.ts';
import { systemClock } from '../../media-node/src/adapters/time/system-clock.ts';
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
import { describeImsDtls } from './media-plane-ims-dtls.contract.ts';
import { describeNumbers } from './media-plane-numbers.contract.ts';
import { describeLite, describeNaming, describeRestart } from './media-plane-path.contract.ts';
import { describeTcp } from './media-plane-tcp.contract.ts';
import { describeTransfer } from './media-plane-transfer.contract.ts';
import { describeVideo } from './media-plane-video.contract.ts';
import { describeVideoDetour } from './media-plane-video-detour.contract.ts';
import { describeVideoNumbers } from './media-plane-video-numbers.contract.ts';

const ids = {
  random: (bits: number) => randomBytes(Math.ceil(bits / 8)).toString('base64url'),
  uuid: () => randomUUID(),
};
const metrics = { count: () => undefined, gauge: () => undefined };
export const deps = { clock: systemClock, ids, metrics, log: silentLog };

const HOST = '127.0.0.1';

export const optionsOf = ({
  allowLocal,
  firstPort,
  lastPort,
  quarantineMs,
  isLite,
  imsAddress,
  iceTcp,
  ...timings
}: PlaneSettings): MediaPlaneOptions => ({
  browser: { bindAddress: HOST, announcedAddress: HOST, port: 0, stunPort: 0, isLite, iceTcp },
  ims: {
    ...{ bindAddress: imsAddress, announcedAddress: imsAddress },
    ...{ firstPort, lastPort, quarantineMs },
  },
  addressPolicy: { allowLocal, refusedRanges: [] },
  ...timings,
});

/** Every part of the contract of `MediaPlane`: each adapter runs all of it. */
export function describeWholePlane(name: string, create: CreatePlane): void {
  describeMediaPlane(name, create);
  describe('MED-5, MED-6 and SES-8: another way to the browser', () => {
    describeRestart(name, create);
  });
  describe('MED-5: another way to the browser without a restart', () => {
    describeNaming(name, create);
  });
  describe('MED-5 and MED-6: ICE lite', () => {
    describeLite(name, create);
  });
  describe('MED-5, SEC-3 and SEC-4: a browser whose UDP is blocked', () => {
    describeTcp(name, create);
  });
  describeDigits(name, create);
  describe('MED-7 and SEC-4: hostile DTLS', () => {
    describeHandshake(name, create);
  });
  describe('SEC-3, SEC-4, MED-1, MED-6, MED-7, MED-10 and MED-12: a hostile network', () => {
    describeHostileNetwork(name, create);
  });
  describe('MED-10: a call handed on', () => {
    describeTransfer(name, create);
  });
  describe('MED-13: the numbers of a call', () => {
    describeNumbers(name, create);
  });
  describe('MED-3, MED-7 and SES-7: an IMS leg of one port, of SRTP, or of IPv6', () => {
    describeImsLeg(name, create);
  });
  describe('MED-3, MED-7, MED-9 and MED-12: an IMS leg of DTLS-SRTP', () => {
    describeImsDtls(name, create);
  });
  describe('MED-2, MED-9, MED-10 and MED-12: video', () => {
    describeVideo(name, create);
    describeVideoDetour(name, create);
    describeVideoNumbers(name, create);
  });
}
