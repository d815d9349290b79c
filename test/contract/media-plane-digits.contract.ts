import { writeRtp } from '../../media-node/src/core/media/rtp-packet.ts';
import type { MediaEvent, MediaPlane } from '../../media-node/src/ports/media-plane.ts';
import { callId } from '../../shared/src/domain/ids.ts';
import { until } from '../support/until.ts';
import { ImsPeer } from './ims-peer.ts';
import { type CreatePlane, OPEN, obeyed, SETTINGS, settle } from './media-plane.contract.ts';

const EVENT = 101;
const PRESSED = { kind: 'digit', from: 'ims', digit: '5', durationMs: 100 };
const HELD = { toIms: false, toBrowser: false, rtcp: true };

const eventPacket = (sequence: number, isEnd: boolean): Uint8Array =>
  writeRtp(
    { marker: sequence === 1, payloadType: EVENT, sequence, timestamp: 4_000, ssrc: 0x77 },
    Uint8Array.of(5, isEnd ? 0x8a : 0x0a, 3, 0x20),
  );

/** Keys that are heard, and what goes on while a call is held, of every `MediaPlane`. */
export function describeDigits(name: string, createPlane: CreatePlane): void {
  describe(`SES-5: the ${name} media plane while keys are pressed or a call is held`, () => {
    let plane: MediaPlane;
    let ims: ImsPeer;

    async function aCall() {
      const events: MediaEvent[] = [];
      plane = await createPlane(SETTINGS);
      const call = await plane.open(callId('call-0001'), (event) => events.push(event));
      ims = await ImsPeer.open();
      call.connectIms(ims.endpoint);
      call.setRewrite({
        payloadToIms: new Map([[111, 8]]),
        payloadToBrowser: new Map([[8, 111]]),
        events: { browser: new Map(), ims: new Map([[EVENT, 8000]]) },
      });
      // A plane may take its orders a moment later; the same packets again are the same key.
      const press = (): void => {
        for (const sequence of [1, 2, 3, 4]) {
          ims.send(eventPacket(sequence, sequence > 1), call.ims);
        }
      };
      return { call, events, press };
    }
    afterEach(async () => {
      ims.close();
      await plane.close();
    });

    it('tells of a key of IMS once, though its end comes three times', async () => {
      const { call, events, press } = await aCall();
      call.setGate(OPEN);
      await obeyed(plane);

      await until(() => {
        press();
        return events.some(({ kind }) => kind === 'digit');
      });
      await settle();

      expect(events.filter(({ kind }) => kind === 'digit')).toEqual([PRESSED]);
    });

    it('tells of none while the gate is shut', async () => {
      const { call, events, press } = await aCall();
      call.setGate(HELD);
      await obeyed(plane);

      await until(() => {
        press();
        return call.stats().ims.packetsReceived >= 4;
      });

      expect(events.filter(({ kind }) => kind === 'digit')).toEqual([]);
    });

    it('MED-10: reports to IMS while a call is held, and not while it has yet to be answered', async () => {
      const { call } = await aCall();
      await settle();
      await settle();
      const before = ims.heardRtcp.length;

      call.setGate(HELD);
      await until(() => ims.heardRtcp.length > 1);

      expect(before).toBe(0);
    });
  });
}
