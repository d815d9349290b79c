import { type CallOnAccount, callOn } from '../../support/call-on-account.ts';
import { type Baresip, startBaresip } from '../../support/ims-lab/baresip.ts';
import { type ImsLab, startImsLab } from '../../support/ims-lab/ims-lab.ts';
import { type Linphone, startLinphone } from '../../support/ims-lab/linphone.ts';
import { subscriber } from '../../support/ims-lab/subscriber-book.ts';
import { type Bench, createBench } from '../../support/sip-account-bench.ts';

type Opened = ReturnType<Bench['open']>;
type User = 'alice' | 'carol' | 'dave';

const USERS = ['alice', 'carol', 'dave'] as const;
const uriOf = (user: User | 'erin'): string => `sip:${user}@ims.test`;

describe.each(['tcp', 'udp'] as const)(
  'SES-5: attended transfers over %s on a real core (RFC 5589 §7)',
  (transport) => {
    let lab: ImsLab;
    let bob: Baresip;
    let erin: Linphone;
    let bench: Bench;
    let users: Readonly<Record<User, Opened>>;

    beforeAll(async () => {
      lab = await startImsLab({
        subscribers: ['bob', 'erin', ...USERS].map((it) => subscriber(it)),
      });
      bob = await startBaresip(lab, { user: 'bob', password: 'pw-bob', codecs: ['PCMA'] });
      erin = await startLinphone(lab, { user: 'erin', password: 'pw-erin', transport });
      bench = createBench();
      const open = (user: User): Opened =>
        bench.open({
          access: { transport, pcscf: [lab.pcscf] },
          ...{ impi: `${user}@ims.test`, impu: uriOf(user), password: `pw-${user}` },
        });
      users = { alice: open('alice'), carol: open('carol'), dave: open('dave') };
      for (const { account } of Object.values(users)) account.register();
      await Promise.all(Object.values(users).map(({ heard }) => heard.heard('registered')));
    });
    beforeEach(() => {
      bob.skipEvents();
    });
    afterAll(async () => {
      await Promise.all(Object.values(users).map(({ account }) => account.deregister()));
      await bench.accounts.close();
      await Promise.all([bob.stop(), erin.stop()]);
      await lab.stop();
    });

    /** Rings at once and is answered; whatever comes after that is to take its place. */
    async function answered(user: User): Promise<CallOnAccount> {
      const { account, heard } = users[user];
      const call = callOn(account, uriOf(user));
      const { invite } = await heard.next('incoming');
      call.alert(invite);
      await call.told('call.incoming');
      call.accept();
      await call.told('call.answered');
      heard.listen((event) => {
        if (event.kind === 'incoming' && event.invite.replaces) call.succeed(event.invite);
      });
      return call;
    }
    async function talk(to: User): Promise<{ ours: CallOnAccount; theirs: CallOnAccount }> {
      const ours = callOn(users.alice.account, uriOf('alice'));
      const [theirs] = await Promise.all([answered(to), ours.start(uriOf(to))]);
      await ours.told('call.answered');
      return { ours, theirs };
    }
    async function dialled(user: User): Promise<CallOnAccount> {
      bob.dial(uriOf(user));
      const [call] = await Promise.all([answered(user), bob.waitFor('CALL_ESTABLISHED')]);
      return call;
    }
    const movedTo = async (call: CallOnAccount) => (await call.told('call.moved')).at(-1);
    const endOf = async (call: CallOnAccount) => (await call.told('call.ended')).at(-1);

    it('by us: the two we talk to talk to each other, and both our calls end', async () => {
      const first = await talk('dave');
      const second = await talk('carol');

      first.ours.transferTo(second.ours, uriOf('carol'));

      expect(await movedTo(first.theirs)).toMatchObject({ to: { uri: uriOf('carol') } });
      expect(await movedTo(second.theirs)).toMatchObject({ to: { uri: uriOf('dave') } });
      expect(await endOf(first.ours)).toMatchObject({ cause: 'transferred' });
      await endOf(second.ours);
      first.theirs.ask('call.hang-up');
      expect(await endOf(second.theirs)).toMatchObject({ cause: 'remote-hung-up' });
    });

    it('by baresip: of its two calls to us one takes the place of the other', async () => {
      const carol = await dialled('carol');
      const alice = await dialled('alice');

      // This baresip sends a Refer-To as it is given, but has no command that fills it in.
      bob.transfer(carol.referTo(uriOf('carol')));

      expect(await movedTo(alice)).toMatchObject({ to: { uri: uriOf('carol') } });
      expect(await movedTo(carol)).toMatchObject({ to: { uri: uriOf('alice') } });
      await bob.waitFor('CALL_CLOSED');
      await bob.waitFor('CALL_CLOSED');
      carol.ask('call.hang-up');
      expect(await endOf(alice)).toMatchObject({ cause: 'remote-hung-up' });
    });

    describe('with a linphone, which knows Replaces (RFC 3891)', () => {
      const TALKING = /Media streams established/;
      const talkToErin = async (): Promise<CallOnAccount> => {
        const ours = callOn(users.alice.account, uriOf('alice'));
        await ours.start(uriOf('erin'));
        await erin.says(/Receiving new incoming call from sip:alice@ims\.test/);
        erin.accept();
        await erin.says(TALKING);
        await ours.told('call.answered');
        return ours;
      };
      const dialledByErin = async (user: User) => {
        erin.dial(uriOf(user));
        const [call, id] = await Promise.all([answered(user), erin.says(/assigned id (\d+)/)]);
        await erin.says(TALKING);
        return { call, id: Number(id) };
      };

      afterEach(() => erin.isFree());

      it('it connects the two of us whom it talks to', async () => {
        const carol = await dialledByErin('carol');
        erin.hold();
        await erin.says(/is now paused/);
        const alice = await dialledByErin('alice');

        erin.transfer(alice.id, carol.id);

        expect(await movedTo(alice.call)).toMatchObject({ to: { uri: uriOf('carol') } });
        expect(await movedTo(carol.call)).toMatchObject({ to: { uri: uriOf('alice') } });
        carol.call.ask('call.hang-up');
        expect(await endOf(alice.call)).toMatchObject({ cause: 'remote-hung-up' });
      });

      it('it is sent by us to whom we talk, and takes our place there', async () => {
        const first = await talkToErin();
        const second = await talk('carol');

        first.transferTo(second.ours, uriOf('carol'));

        expect(await movedTo(second.theirs)).toMatchObject({ to: { uri: uriOf('erin') } });
        expect(await endOf(first)).toMatchObject({ cause: 'transferred' });
        await endOf(second.ours);
        second.theirs.ask('call.hang-up');
        await erin.says(/ended/);
      });

      it('it has our place taken by whom we send to it', async () => {
        const first = await talk('dave');
        const second = await talkToErin();

        first.ours.transferTo(second, uriOf('erin'));

        expect(await movedTo(first.theirs)).toMatchObject({ to: { uri: uriOf('erin') } });
        expect(await endOf(first.ours)).toMatchObject({ cause: 'transferred' });
        await endOf(second);
        first.theirs.ask('call.hang-up');
        await erin.says(/ended/);
      });
    });
  },
);
