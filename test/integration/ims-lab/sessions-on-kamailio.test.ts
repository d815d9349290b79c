import { impu } from '@isthmus/shared/domain/ids';
import type { SipAccount } from '../../../media-node/src/ports/sip-accounts.ts';
import type { SipLegEvent } from '../../../media-node/src/ports/sip-leg.ts';
import { advanceUntil } from '../../support/advance-until.ts';
import { aBrowserSdp } from '../../support/an-sdp.ts';
import { callOn } from '../../support/call-on-account.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { type ImsLab, startImsLab } from '../../support/ims-lab/ims-lab.ts';
import { openUeFlow } from '../../support/ims-lab/open-ue-flow.ts';
import { runSipp, type SippScenario, startSipp } from '../../support/ims-lab/sipp.ts';
import { subscriber } from '../../support/ims-lab/subscriber-book.ts';
import type { UeFlow } from '../../support/ims-lab/ue-flow.ts';
import { type Bench, createBench, Heard, takeInvite } from '../../support/sip-account-bench.ts';

const SDP =
  'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\n';
const ALICE = 'sip:alice@ims.test';
const BOB = 'sip:bob@ims.test';

const CODECS = ['PCMA', 'PCMU'];
/** Of the phone's descriptions; 40000 is the port of ours. */
const lastPortOf = (messages: string): number =>
  Number([...messages.matchAll(/^m=audio (?!40000)(\d+) /gm)].at(-1)?.[1]);

describe.each([
  ['tcp', 'udp'],
  ['udp', 'tcp'],
] as const)(
  'SES-3: sessions of ours over %s with a phone of the IMS kind over %s, on a real core',
  (transport, theirs) => {
    let lab: ImsLab;
    let bench: Bench;
    let clock: FakeClock;
    let account: SipAccount;
    let heard: ReturnType<Bench['open']>['heard'];
    let flow: UeFlow;

    const phone = (scenario: SippScenario) => ({ lab, scenario, user: 'bob', flow });

    beforeAll(async () => {
      lab = await startImsLab({
        subscribers: ['alice', 'bob'].map((it) => subscriber(it)),
      });
      flow = await openUeFlow(lab, theirs);
      await runSipp({ ...phone('register'), password: 'pw-bob' });
    });
    afterAll(async () => {
      await lab.stop();
      flow.close();
    });

    beforeEach(async () => {
      clock = new FakeClock();
      bench = createBench(clock);
      ({ account, heard } = bench.open({
        access: { transport, pcscf: [lab.pcscf], session: { expiresS: 90 } },
        password: 'pw-alice',
      }));
      account.register();
      await heard.heard('registered');
    });
    afterEach(async () => {
      await account.deregister();
      await lab.untilContacts(ALICE, 0);
      await bench.accounts.close();
    });

    it('3GPP TS 34.229-1 A.15 as caller, and the session refreshed by UPDATE', async () => {
      const callee = await startSipp(phone('answer-preconditions'));
      const legHeard = new Heard<SipLegEvent>();
      const leg = account.invite({ identity: impu(ALICE), target: BOB, sdp: SDP }, legHeard.hear);
      await legHeard.heard('sip-answered');
      clock.advance(45_000);
      await callee.seen('UPDATE', 2);
      leg.bye();

      const run = await callee.done;

      expect(run).toMatchObject({ exitCode: 0 });
      expect(legHeard.events).toMatchObject([
        { kind: 'sip-progressed', status: 183, earlyMedia: 'refused' },
        { kind: 'sip-progressed', status: 183 },
        { kind: 'sip-progressed', status: 180, earlyMedia: 'refused' },
        { kind: 'sip-answered' },
      ]);
    });

    it('3GPP TS 34.229-1 A.15 as callee: rings only behind the caller’s UPDATE', async () => {
      const caller = await startSipp({
        ...phone('call-preconditions'),
        target: ALICE,
        talkMs: 100,
      });
      const { invite, leg, legHeard } = await takeInvite(heard);
      leg.answerEarly(SDP);
      await legHeard.heard('sip-ready');
      leg.ring();
      // Over UDP a 200 may overtake the 180 that this phone insists on.
      await caller.seen('SIP/2.0 180', 1);
      leg.answer(SDP);
      await legHeard.heard('sip-hung-up');

      const run = await caller.done;

      expect(run).toMatchObject({ exitCode: 0 });
      expect(invite.needsEarlyAnswer).toBe(true);
      expect(legHeard.kinds).toEqual(['sip-ready', 'sip-acknowledged', 'sip-hung-up']);
    });

    it('RFC 3311 §5.2: UPDATEs that cross before the answer are each 491, and ours follows', async () => {
      const callee = await startSipp(phone('answer-crossing-updates'));
      const legHeard = new Heard<SipLegEvent>();
      const leg = account.invite({ identity: impu(ALICE), target: BOB, sdp: SDP }, legHeard.hear);
      await callee.seen('SIP/2.0 491', 2);

      await advanceUntil(clock, () => legHeard.kinds.includes('sip-answered'));

      await callee.seen('ACK ', 1);
      leg.bye();
      expect(await callee.done).toMatchObject({ exitCode: 0 });
    });

    it('RFC 3311 §5.2: the same where the phone called, as soon as our side has read its 491', async () => {
      const caller = await startSipp({
        ...phone('call-crossing-updates'),
        ...{ target: ALICE, talkMs: 100 },
      });
      const { leg, legHeard } = await takeInvite(heard);
      leg.answerEarly(SDP);
      await legHeard.heard('sip-ready');
      leg.ring();
      await caller.seen('SIP/2.0 180', 1);
      leg.offer(SDP.replace('m=audio', 'a=sendonly\r\nm=audio'));
      await caller.seen('SIP/2.0 491', 2);

      await advanceUntil(clock, () => legHeard.kinds.includes('sip-offer-answered'));

      leg.answer(SDP);
      await legHeard.heard('sip-hung-up');
      expect(await caller.done).toMatchObject({ exitCode: 0 });
      expect(legHeard.kinds).not.toContain('sip-reoffered');
    });

    it('RFC 3262 §5, RFC 3311 §5.1: a caller moves its media by PRACK and UPDATE, and our user is offered the last', async () => {
      const caller = await startSipp({ ...phone('call-moves'), target: ALICE });
      const call = callOn(account, ALICE, CODECS);
      const { invite } = await heard.heard('incoming');
      call.alert(invite);
      const [offered] = await call.told('call.incoming');
      await caller.seen('SIP/2.0 180', 1);
      call.accept(aBrowserSdp({ setup: 'active', formats: '0 126' }));
      await call.told('call.answered');
      await caller.seen('ACK ', 1);
      call.ask('call.hang-up');

      const { exitCode, messages } = await caller.done;
      expect(exitCode).toBe(0);
      expect(offered?.event === 'call.incoming' && offered.sdp).toContain('SAVPF 0 101\r\n');
      expect(call.notices.map(({ event }) => event)).not.toContain('call.offer');
      expect(call.media.remoteIms).toMatchObject({ rtpPort: lastPortOf(messages) });
    });

    it('RFC 3311 §5.1: whom we call moves its media to another codec, and our user follows before the answer', async () => {
      const callee = await startSipp(phone('answer-moves'));
      const call = callOn(account, ALICE, CODECS);
      await call.start(BOB);
      await call.told('call.offer');
      await call.told('call.answered');
      await callee.seen('ACK ', 1);
      const { gate } = call.media;
      call.ask('call.hang-up');

      const { exitCode, messages } = await callee.done;
      expect(exitCode).toBe(0);
      expect(call.notices.map(({ event }) => event)).toEqual([
        ...['call.progress', 'call.offer', 'call.progress', 'call.answered', 'call.ended'],
      ]);
      expect(call.media.remoteIms).toMatchObject({ rtpPort: lastPortOf(messages) });
      expect(gate).toEqual({ toIms: true, toBrowser: true });
    });

    it('RFC 3312 §5: nobody waits where both have their resources, as caller and as callee', async () => {
      const callee = await startSipp(phone('answer-preconditions-met'));
      const legHeard = new Heard<SipLegEvent>();
      const leg = account.invite({ identity: impu(ALICE), target: BOB, sdp: SDP }, legHeard.hear);
      await legHeard.heard('sip-answered');
      await callee.seen('ACK ', 1);
      leg.bye();
      expect(await callee.done).toMatchObject({ exitCode: 0 });
      expect(legHeard.kinds).toEqual(['sip-answered']);

      const caller = await startSipp({
        ...phone('call-preconditions-met'),
        ...{ target: ALICE, talkMs: 100 },
      });
      const taken = await takeInvite(heard);
      taken.leg.ring();
      taken.leg.answer(SDP);
      await taken.legHeard.heard('sip-hung-up');

      expect(await caller.done).toMatchObject({ exitCode: 0 });
      expect(taken.invite.needsEarlyAnswer).toBe(false);
    });

    it('SES-8: the far end of a call whose node died is let go by the next that registers', async () => {
      const callee = await startSipp(phone('answer-echo'));
      const legHeard = new Heard<SipLegEvent>();
      const leg = account.invite({ identity: impu(ALICE), target: BOB, sdp: SDP }, legHeard.hear);
      await legHeard.heard('sip-answered');
      await callee.seen('ACK ', 1);
      const successor = createBench(clock);
      const next = successor.open({
        ...{ access: { transport, pcscf: [lab.pcscf] }, password: 'pw-alice' },
      });
      next.account.register();
      await next.heard.heard('registered');
      if (leg.dialog) next.account.release(leg.dialog.saved);

      expect(await callee.done).toMatchObject({ exitCode: 0 });
      await next.account.deregister();
      await successor.accounts.close();
    });

    it('falls back with a phone that has none of it, as caller and as callee', async () => {
      const callee = await startSipp(phone('answer-echo'));
      const legHeard = new Heard<SipLegEvent>();
      const leg = account.invite({ identity: impu(ALICE), target: BOB, sdp: SDP }, legHeard.hear);
      await legHeard.heard('sip-answered');
      leg.bye();
      expect(await callee.done).toMatchObject({ exitCode: 0 });

      const caller = await startSipp({ ...phone('call'), target: ALICE, talkMs: 100 });
      const taken = await takeInvite(heard);
      taken.leg.ring();
      taken.leg.answer(SDP);
      await taken.legHeard.heard('sip-hung-up');

      expect(await caller.done).toMatchObject({ exitCode: 0 });
      expect(taken.invite.needsEarlyAnswer).toBe(false);
    });
  },
);
