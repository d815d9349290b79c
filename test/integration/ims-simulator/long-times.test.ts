import { FakeClock } from '../../support/fake-clock.ts';
import { alice, aPhone, aSimulator, bob } from './a-simulator.ts';
import { RawRtp } from './raw-rtp.ts';

describe('over long times', () => {
  it('noanswer gives up after a minute', async () => {
    const clock = new FakeClock();
    const simulator = await aSimulator({ clock });
    const ue = await aPhone(simulator, alice);
    const rtp = await RawRtp.open();
    await ue.register();
    const call = ue.invite('sip:noanswer@demo.example', rtp.sdp());
    await call.answer(180);

    clock.advance(60_000);

    expect((await call.answer(200)).status).toBe(480);
    ue.wire.close();
    rtp.close();
    await simulator.close();
  });

  it('a registration ends when its time is up, a refreshed one does not', async () => {
    const clock = new FakeClock();
    const simulator = await aSimulator({ clock });
    const [one, other] = [await aPhone(simulator, alice), await aPhone(simulator, bob)];
    await one.register();
    clock.advance(400_000);
    await other.register();

    clock.advance(200_000);

    expect(simulator.registrations().map(({ impi }) => impi)).toEqual([bob.impi]);
    one.wire.close();
    other.wire.close();
    await simulator.close();
  });

  it('a callee that never answers nor refuses is given up', async () => {
    const clock = new FakeClock();
    const simulator = await aSimulator({ clock });
    const [caller, callee] = [await aPhone(simulator, alice), await aPhone(simulator, bob)];
    await caller.register();
    await callee.register();
    const call = caller.invite(bob.impu, 'v=0');
    await callee.wire.next(({ method }) => method === 'INVITE');

    clock.advance(32_000);

    expect((await call.answer(200)).status).toBe(408);
    caller.wire.close();
    callee.wire.close();
    await simulator.close();
  });

  it('a call whose 200 is never acknowledged is hung up', async () => {
    const clock = new FakeClock();
    const simulator = await aSimulator({ clock });
    const ue = await aPhone(simulator, alice);
    const rtp = await RawRtp.open();
    await ue.register();
    const call = ue.invite('sip:echo@demo.example', rtp.sdp());
    await call.answer(200);

    clock.advance(32_000);

    const bye = await ue.wire.next(({ method }) => method === 'BYE');
    expect(bye.header('Call-ID')).toBe(call.callId);
    expect(simulator.calls()).toMatchObject([{ end: 'no ACK' }]);
    ue.wire.close();
    rtp.close();
    await simulator.close();
  });
});
