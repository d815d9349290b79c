import { type CallOnAccount, callOn } from '../../support/call-on-account.ts';
import { type Baresip, startBaresip } from '../../support/ims-lab/baresip.ts';
import { type ImsLab, startImsLab } from '../../support/ims-lab/ims-lab.ts';
import { subscriber } from '../../support/ims-lab/subscriber-book.ts';
import { type Bench, createBench } from '../../support/sip-account-bench.ts';

type Opened = ReturnType<Bench['open']>;
type User = 'alice' | 'carol' | 'dave';

const USERS = ['alice', 'carol', 'dave'] as const;
const uriOf = (user: User): string => `sip:${user}@ims.test`;

describe.each(['tcp', 'udp'] as const)(
  'SES-5: attended transfers over %s on a real core (RFC 5589 §7)',
  (transport) => {
    let lab: ImsLab;
    let bob: Baresip;
    let bench: Bench;
    let users: Readonly<Record<User, Opened>>;

    beforeAll(async () => {
      lab = await startImsLab({
        subscribers: ['bob', ...USERS].map((it) => subscriber(it)),
      });
      bob = await startBaresip(lab, { user: 'bob', password: 'pw-bob', codecs: ['PCMA'] });
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
      await bob.stop();
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
  },
);
