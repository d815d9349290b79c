import { impu } from '@isthmus/shared/domain/ids';
import type { Replaces } from '../../../media-node/src/core/sip/refer.ts';
import type { SipAccount } from '../../../media-node/src/ports/sip-accounts.ts';
import type { SipLegEvent } from '../../../media-node/src/ports/sip-leg.ts';
import { advanceUntil } from '../../support/advance-until.ts';
import { callOn } from '../../support/call-on-account.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { type ImsLab, startImsLab } from '../../support/ims-lab/ims-lab.ts';
import { openUeFlow } from '../../support/ims-lab/open-ue-flow.ts';
import { runSipp, type SippScenario, startSipp } from '../../support/ims-lab/sipp.ts';
import type { SippProcess } from '../../support/ims-lab/sipp-process.ts';
import { subscriber } from '../../support/ims-lab/subscriber-book.ts';
import type { UeFlow } from '../../support/ims-lab/ue-flow.ts';
import { type Bench, createBench, Heard, takeInvite } from '../../support/sip-account-bench.ts';

const SDP =
  'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\n';
const ALICE = 'sip:alice@ims.test';
const ROLES = ['answer', 'call'] as const;
/** Long enough for another phone to ring, too. */
const RINGS_MS = 1_500;

interface PhoneOptions {
  readonly flow: UeFlow;
  readonly ringMs?: number;
  readonly replaces?: Replaces;
  readonly status?: number;
  readonly target?: string;
}

let lab: ImsLab;

beforeAll(async () => {
  lab = await startImsLab({ subscribers: [subscriber('alice')] });
});
afterAll(() => lab.stop());

describe.each([
  ['tcp', 'udp'],
  ['udp', 'tcp'],
] as const)(
  'SES-3, SES-4: what crosses, forks and dies over %s with phones over %s, on a real core',
  (transport, theirs) => {
    /** Each transport has phones of its own: what the core repeats to one disturbs no other. */
    const named = (name: string) => `${name}-${theirs}`;
    const uriOf = (name: string) => `sip:${named(name)}@ims.test`;
    const flows: UeFlow[] = [];
    let bobs: UeFlow;
    let carols: readonly [UeFlow, UeFlow];
    let daves: UeFlow;
    let bench: Bench;
    let clock: FakeClock;
    let account: SipAccount;
    let heard: ReturnType<Bench['open']>['heard'];
    let phones: SippProcess[];

    const phoneOf = (name: string) => async (scenario: SippScenario, more: PhoneOptions) => {
      const phone = await startSipp({ lab, scenario, user: named(name), ...more });
      phones.push(phone);
      return phone;
    };
    const bob = (scenario: SippScenario, more: Omit<PhoneOptions, 'flow'> = {}) =>
      phoneOf('bob')(scenario, { flow: bobs, ...more });
    const carol = phoneOf('carol');
    const dave = phoneOf('dave');
    const register = async (name: string): Promise<UeFlow> => {
      const user = named(name);
      lab.addSubscriber(subscriber(user));
      const flow = await openUeFlow(lab, theirs);
      flows.push(flow);
      const run = await runSipp({ lab, scenario: 'register', user, flow, password: `pw-${user}` });
      expect(run).toMatchObject({ exitCode: 0 });
      return flow;
    };
    const call = (target: string) => {
      const legHeard = new Heard<SipLegEvent>();
      const leg = account.invite({ identity: impu(ALICE), target, sdp: SDP }, legHeard.hear);
      return { leg, legHeard };
    };

    beforeAll(async () => {
      [bobs, daves] = await Promise.all([register('bob'), register('dave')]);
      carols = [await register('carol'), await register('carol')];
    });
    afterAll(() => {
      for (const flow of flows) flow.close();
    });

    beforeEach(async () => {
      phones = [];
      clock = new FakeClock();
      bench = createBench(clock);
      ({ account, heard } = bench.open({
        access: { transport, pcscf: [lab.pcscf], session: { expiresS: 90, redirects: 1 } },
        password: 'pw-alice',
      }));
      account.register();
      await heard.heard('registered');
    });
    afterEach(async () => {
      await Promise.all(phones.map((phone) => phone.stop()));
      await account.deregister();
      await lab.untilContacts(ALICE, 0);
      await bench.accounts.close();
      // Whoever gave up says why, whatever the test heard of it.
      await Promise.all(phones.map(({ done }) => done));
    });

    /** A phone answers or calls, and both speak. */
    const talk = async (
      role: (typeof ROLES)[number],
      how: 'crossing' | 'lost-session' | 'never-refreshes',
      { name = 'bob', flow = bobs, ...more }: Partial<PhoneOptions & { name: string }> = {},
    ) => {
      const phone = await phoneOf(name)(`${role}-${how}`, { flow, target: ALICE, ...more });
      const { leg, legHeard } = role === 'answer' ? call(uriOf(name)) : await takeInvite(heard);
      if (role === 'call') leg.answer(SDP);
      await legHeard.heard(role === 'answer' ? 'sip-answered' : 'sip-acknowledged');
      await phone.seen('ACK ', 1);
      return { phone, leg, legHeard };
    };

    describe.each(ROLES)('by a phone in the role to %s', (role) => {
      it.each([408, 481])(
        'RFC 4028 §10: %i to our refresh ends the call by BYE',
        async (status) => {
          const { phone, legHeard } = await talk(role, 'lost-session', { status });

          clock.advance(45_000);

          expect(await phone.done).toMatchObject({ exitCode: 0 });
          expect(await legHeard.heard('sip-hung-up')).toMatchObject({ reason: 'session expired' });
        },
      );

      it('RFC 4028 §10: a peer that never refreshes is sent BYE before the end', async () => {
        const { phone, legHeard } = await talk(role, 'never-refreshes');

        clock.advance(60_000);

        expect(await phone.done).toMatchObject({ exitCode: 0 });
        expect(legHeard.kinds.filter((kind) => kind !== 'sip-progressed')).toEqual([
          ...[role === 'answer' ? 'sip-answered' : 'sip-acknowledged', 'sip-hung-up'],
        ]);
      });

      it('RFC 4028 §10: a peer that vanished is let go before the session ends', async () => {
        // Nobody else's: what the core repeats to it would disturb the next.
        const name = `erin-${role}`;
        const flow = await register(name);
        const { phone, legHeard } = await talk(role, 'lost-session', { name, flow });
        await phone.kill();

        // Our refresh is answered by nobody.
        clock.advance(45_000);
        expect(legHeard.kinds).not.toContain('sip-hung-up');
        clock.advance(15_000);

        expect(await legHeard.heard('sip-hung-up')).toMatchObject({ reason: 'session expired' });
      });

      it('RFC 3261 §14.1: re-INVITEs that cross are each 491, and ours follows', async () => {
        const { phone, leg, legHeard } = await talk(role, 'crossing');
        leg.offer(SDP.replace('m=audio', 'a=sendonly\r\nm=audio'));
        await phone.seen('SIP/2.0 491', 2);
        await phone.seen('ACK ', 3);

        await advanceUntil(clock, () => legHeard.kinds.includes('sip-offer-answered'));

        expect((await legHeard.heard('sip-offer-answered')).sdp).toContain('a=recvonly');
        // On its way through the core our BYE may overtake it.
        await phone.seen('ACK ', 4);
        leg.bye();
        expect(await phone.done).toMatchObject({ exitCode: 0 });
        expect(legHeard.kinds).not.toContain('sip-reoffered');
      });
    });

    it('RFC 3261 §9.1: a 200 that crosses our CANCEL is acknowledged and released', async () => {
      const callee = await bob('answer-too-late');
      const { leg, legHeard } = call(uriOf('bob'));
      await legHeard.heard('sip-progressed');

      leg.cancel();

      expect(await callee.done).toMatchObject({ exitCode: 0 });
      expect(await legHeard.heard('sip-rejected')).toMatchObject({ status: 487 });
      expect(legHeard.kinds).not.toContain('sip-answered');
    });

    it('RFC 3261 §9.2: a CANCEL behind our 200 changes nothing', async () => {
      const caller = await bob('call-cancels-late', { target: ALICE });
      const { leg, legHeard } = await takeInvite(heard);
      leg.answer(SDP);
      await legHeard.heard('sip-hung-up');

      expect(await caller.done).toMatchObject({ exitCode: 0 });
      expect(legHeard.kinds).toEqual(['sip-acknowledged', 'sip-hung-up']);
    });

    it('RFC 3264 §5: INVITE and re-INVITE without an offer have ours, the ACK answers', async () => {
      const caller = await bob('call-offerless', { target: ALICE });
      const { invite, leg, legHeard } = await takeInvite(heard);
      leg.ring();
      leg.answer(SDP);
      const first = await legHeard.heard('sip-acknowledged');
      const reoffered = await legHeard.heard('sip-reoffered');
      const acknowledged = legHeard.next('sip-acknowledged');
      leg.answerReoffer(SDP);
      const second = await acknowledged;
      await legHeard.heard('sip-hung-up');

      expect(await caller.done).toMatchObject({ exitCode: 0 });
      expect(invite.sdp).toBeUndefined();
      expect(reoffered.sdp).toBeUndefined();
      expect(first.sdp).toContain('o=- 1 1 IN IP4 127.0.0.1');
      expect(second.sdp).toContain('o=- 1 2 IN IP4 127.0.0.1');
    });

    it('RFC 3261 §16.7: two phones of one user ring, one answers, the other is let go', async () => {
      const ringing = await carol('ring-until-cancelled', { flow: carols[0] });
      const answering = await carol('answer-echo', { flow: carols[1], ringMs: RINGS_MS });
      const { leg, legHeard } = call(uriOf('carol'));
      await legHeard.heard('sip-answered');
      const letGo = await ringing.done;
      await answering.seen('ACK ', 1);
      leg.bye();

      expect(letGo).toMatchObject({ exitCode: 0 });
      expect(await answering.done).toMatchObject({ exitCode: 0 });
      expect(legHeard.kinds.filter((kind) => kind === 'sip-progressed')).toHaveLength(2);
      expect(legHeard.kinds.filter((kind) => kind === 'sip-answered')).toHaveLength(1);
    });

    it('RFC 3261 §13.2.2.4: of two phones that both answer, the later one is released', async () => {
      // It answers when it is told that the other one has.
      const late = await carol('answer-too-late', { flow: carols[0] });
      const answering = await carol('answer-echo', { flow: carols[1] });
      const { leg, legHeard } = call(uriOf('carol'));
      await legHeard.heard('sip-answered');
      const released = await late.done;
      await answering.seen('ACK ', 1);
      const kinds = [...legHeard.kinds];
      leg.bye();

      expect(released).toMatchObject({ exitCode: 0 });
      expect(await answering.done).toMatchObject({ exitCode: 0 });
      expect(kinds.filter((kind) => kind !== 'sip-progressed')).toEqual(['sip-answered']);
    });

    it('RFC 3891 §3: a call of ours that rings is taken elsewhere by who names it (SES-5)', async () => {
      // Of a second phone that nobody answers for, the core goes on calling in the next test.
      const ringing = await dave('ring-until-cancelled', { flow: daves });
      const ours = callOn(account, ALICE);
      await ours.start(uriOf('dave'));
      await ours.told('call.progress');
      const replaces = ours.whileRinging;
      const taking = await bob('call', { target: ALICE, replaces });
      const { invite } = await heard.heard('incoming');
      ours.succeed(invite);

      const [moved] = await ours.told('call.moved');
      expect(moved).toMatchObject({ to: { uri: uriOf('bob') } });
      expect(invite.replaces).toEqual(replaces);
      expect(await ringing.done).toMatchObject({ exitCode: 0 });
      expect(await taking.done).toMatchObject({ exitCode: 0 });
      const [ended] = await ours.told('call.ended');
      expect(ended).toMatchObject({ cause: 'remote-hung-up' });
    });

    it('RFC 3261 §8.1.3.4: a 302 of the called phone is followed through the core', async () => {
      const away = await bob('redirect', { target: uriOf('dave') });
      const answering = await dave('answer-echo', { flow: daves });
      const { leg, legHeard } = call(uriOf('bob'));
      await legHeard.heard('sip-answered');
      await answering.seen('ACK ', 1);
      leg.bye();

      expect(await away.done).toMatchObject({ exitCode: 0 });
      expect(await answering.done).toMatchObject({ exitCode: 0 });
    });
  },
);
