import { impu } from '@isthmus/shared/domain/ids';
import type { SipAccount, SipAccountEvent } from '../../../media-node/src/ports/sip-accounts.ts';
import type { SipLegEvent } from '../../../media-node/src/ports/sip-leg.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { RegNotifier } from '../../support/reg-notifier.ts';
import { type ContactOptions, reginfo } from '../../support/reginfo-document.ts';
import {
  header,
  headersOf,
  ScriptedRegistrar,
  type Text,
} from '../../support/scripted-registrar.ts';
import { createBench, Heard } from '../../support/sip-account-bench.ts';

const REALM = { realm: 'ims.test', username: 'alice@ims.test', password: 'pw:1' };
const ROUTE = 'Service-Route: <sip:orig@scscf.ims.test;lr>';

describe.each(['tcp', 'udp'] as const)('REG-9: registration events over %s', (transport) => {
  let far: ScriptedRegistrar;
  let clock: FakeClock;
  let bench: ReturnType<typeof createBench>;
  let account: SipAccount;
  let heard: Heard<SipAccountEvent>;

  beforeEach(async () => {
    far = await new ScriptedRegistrar().start();
    clock = new FakeClock();
    bench = createBench(clock);
  });
  afterEach(async () => {
    await bench.accounts.close();
    await far.stop();
  });

  /** Registers and leaves the SUBSCRIBE that follows to the test. */
  async function register(
    headers: readonly string[] = [ROUTE],
    accessNetworkInfo?: string,
  ): Promise<RegNotifier> {
    const asked: Text[] = [];
    far.serveRegistrations({ ...REALM, expiresS: 7200, headers });
    far.on('SUBSCRIBE', (text) => {
      asked.push(text);
      takes.shift()?.(text);
    });
    const takes: ((text: Text) => void)[] = [];
    nextSubscribe = () =>
      new Promise((take) => {
        const known = asked.shift();
        if (known) take(known);
        else
          takes.push((text) => {
            asked.shift();
            take(text);
          });
      });
    ({ account, heard } = bench.open({
      access: { transport, pcscf: [{ host: far.address, port: far.port }] },
      accessNetworkInfo,
    }));
    account.register();
    return new RegNotifier(far, await nextSubscribe());
  }
  let nextSubscribe: () => Promise<Text>;

  async function subscribed(): Promise<RegNotifier> {
    const notifier = await register();
    notifier.accept();
    await notifier.notify({ body: document(0) });
    return notifier;
  }

  const registers = (): readonly Text[] => far.received.filter(({ kind }) => kind === 'REGISTER');
  const subscribes = (): readonly Text[] => far.received.filter(({ kind }) => kind === 'SUBSCRIBE');
  const contactUri = (): string =>
    /<([^>]+)>/.exec(header(registers()[0] as Text, 'Contact'))?.[1] ?? '';
  const document = (version: number, contact: ContactOptions = {}, state = 'active'): string =>
    reginfo({
      ...{ version, state: version === 0 ? 'full' : 'partial' },
      registrations: [{ state, contacts: [{ uri: contactUri(), ...contact }] }],
    });
  const end = (event: string, retryAfter?: number): string =>
    document(
      1,
      { state: 'terminated', event, ...(retryAfter !== undefined && { retryAfter }) },
      'terminated',
    );

  /** Resolves once there are so many REGISTERs. */
  async function untilRegisters(count: number): Promise<void> {
    for (let i = 0; registers().length < count; i += 1) {
      if (i > 200) throw new Error(`only ${String(registers().length)} REGISTERs came`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  it('are subscribed to as TS 24.229 §5.1.1.3 says', async () => {
    const { subscribe } = await register();

    expect(subscribe.startLine).toBe('SUBSCRIBE sip:alice@ims.test SIP/2.0');
    expect(header(subscribe, 'From')).toMatch(/^<sip:alice@ims\.test>;tag=/);
    expect(header(subscribe, 'To')).toBe('<sip:alice@ims.test>');
    expect(header(subscribe, 'Event')).toBe('reg');
    expect(header(subscribe, 'Expires')).toBe('600000');
    expect(header(subscribe, 'Accept')).toBe('application/reginfo+xml');
    expect(header(subscribe, 'P-Preferred-Identity')).toBe('<sip:alice@ims.test>');
    expect(header(subscribe, 'Contact')).toContain(contactUri());
    expect(headersOf(subscribe, 'Route')).toEqual([
      `<sip:${far.address}:${String(far.port)}${transport === 'udp' ? '' : ';transport=tcp'};lr>`,
      '<sip:orig@scscf.ims.test;lr>',
    ]);
    expect(header(subscribe, 'P-Access-Network-Info')).toBe('IEEE-802.3');
    expect(heard.kinds).toEqual(['registered']);
  });

  it.each([
    ['IEEE-802.11', ['IEEE-802.11']],
    ['none', []],
  ])('are asked for from the access network that the tenant names: %s', async (named, wanted) => {
    const { subscribe } = await register([ROUTE], named);

    expect(headersOf(subscribe, 'P-Access-Network-Info')).toEqual(wanted);
  });

  it('are asked for under the default identity where ours is barred', async () => {
    const { subscribe } = await register(['P-Associated-URI: <sip:alias@ims.test>', ROUTE]);

    expect(subscribe.startLine).toBe('SUBSCRIBE sip:alias@ims.test SIP/2.0');
    expect(header(subscribe, 'P-Preferred-Identity')).toBe('<sip:alias@ims.test>');
  });

  it('3GPP TS 24.229 §5.1.1.7 – tell which identity of the set has ended: nobody calls as it, others go on', async () => {
    const [alice, desk] = ['sip:alice@ims.test', 'sip:desk@ims.test'] as const;
    const notifier = await register([`P-Associated-URI: <${alice}>, <${desk}>`, ROUTE]);
    const told = (version: number, of: 'active' | 'terminated'): string => {
      const event = of === 'active' ? 'registered' : 'rejected';
      const contacts = [{ uri: contactUri() }];
      const its = [{ uri: contactUri(), state: of, event }];
      return reginfo({
        ...{ version, state: 'full' },
        registrations: [{ contacts }, { aor: desk, state: of, contacts: its }],
      });
    };
    notifier.accept();
    await notifier.notify({ body: told(0, 'active') });
    const less = heard.next('registered');
    await notifier.notify({ body: told(1, 'terminated') });

    expect((await less).implicitSet).toEqual([alice]);
    const legHeard = new Heard<SipLegEvent>();
    account.invite({ identity: impu(desk), target: 'sip:bob@ims.test', sdp: '' }, legHeard.hear);
    expect((await legHeard.heard('sip-rejected')).reason).toBe('the identity is barred');
    const whole = heard.next('registered');
    await notifier.notify({ body: told(2, 'active') });
    expect((await whole).implicitSet).toEqual([alice, desk]);
    expect(registers()).toHaveLength(2);
  });

  it('may come before the SUBSCRIBE is answered', async () => {
    const notifier = await register();

    expect((await notifier.notify({ body: document(0) })).kind).toBe('200');
    notifier.accept();
    expect((await notifier.notify({ body: end('rejected') })).kind).toBe('200');

    await heard.heard('unregistered');
  });

  it.each(['deactivated', 'expired'])(
    '%s: registers at once, and subscribes anew',
    async (event) => {
      const notifier = await subscribed();

      const answer = await notifier.notify({
        body: end(event),
        state: 'terminated;reason=noresource',
      });

      expect(answer.kind).toBe('200');
      const again = await nextSubscribe();
      expect(header(again, 'Call-ID')).not.toBe(header(notifier.subscribe, 'Call-ID'));
      expect(heard.kinds).toEqual(['registered', 'lost', 'registered']);
      expect(registers().map((it) => header(it, 'Expires'))).not.toContain('0');
    },
  );

  it('probation: registers again when its time has come', async () => {
    const notifier = await subscribed();

    await notifier.notify({ body: end('probation', 3600) });
    await heard.heard('lost');
    const before = registers().length;
    clock.advance(3_599_999);
    expect(registers()).toHaveLength(before);
    clock.advance(1);

    await untilRegisters(before + 1);
  });

  it.each(['rejected', 'unregistered'])(
    '%s: the user is told, and nothing is retried',
    async (event) => {
      const notifier = await subscribed();
      const before = registers().length;

      expect((await notifier.notify({ body: end(event) })).kind).toBe('200');

      await heard.heard('unregistered');
      clock.advance(10_000_000);
      expect(registers()).toHaveLength(before);
      expect(heard.kinds).toEqual(['registered', 'unregistered']);
    },
  );

  it('shortened: registers at half of what is left', async () => {
    const notifier = await subscribed();
    const before = registers().length;

    await notifier.notify({ body: document(1, { event: 'shortened', expires: 600 }) });
    await Promise.resolve();
    clock.advance(299_999);
    expect(registers()).toHaveLength(before);
    clock.advance(1);

    await untilRegisters(before + 1);
    expect(heard.kinds).not.toContain('lost');
  });

  it('that nobody asked for meet 481, and change nothing', async () => {
    const notifier = await subscribed();
    const forged = { body: end('rejected'), cseq: 50 };

    for (const wrong of [{ toTag: 'x' }, { fromTag: 'x' }, { callId: 'x' }]) {
      expect((await notifier.notify({ ...forged, ...wrong })).kind).toBe('481');
    }
    expect((await notifier.notify({ ...forged, uri: 'sip:nobody@127.0.0.1' })).kind).toBe('481');

    expect((await notifier.notify({ body: document(1) })).kind).toBe('200');
    expect(heard.kinds).toEqual(['registered']);
  });

  it('of another kind or in no state are refused, and change nothing', async () => {
    const notifier = await subscribed();
    const body = end('rejected');

    expect((await notifier.notify({ body, event: 'presence' })).kind).toBe('489');
    expect((await notifier.notify({ body, event: '' })).kind).toBe('489');
    expect((await notifier.notify({ body, state: '' })).kind).toBe('400');
    expect((await notifier.notify({ body, state: 'dormant' })).kind).toBe('400');

    expect(heard.kinds).toEqual(['registered']);
  });

  it.each([
    ['cut short', '<reginfo'],
    ['of another vocabulary', '<presence/>'],
    ['that expands', '<!DOCTYPE r [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><r>&b;</r>'],
    ['that reaches out', '<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x"><r/>'],
  ])('with a document %s are refused and counted, and the next is taken', async (_what, body) => {
    const notifier = await subscribed();

    expect((await notifier.notify({ body })).kind).toBe('400');
    expect((await notifier.notify({ body: document(1), contentType: 'text/plain' })).kind).toBe(
      '400',
    );
    expect(bench.dropped).toEqual(['reginfo', 'reginfo']);

    expect((await notifier.notify({ body: end('rejected') })).kind).toBe('200');
    await heard.heard('unregistered');
  });

  it('that come twice count once, and late ones not at all', async () => {
    const notifier = await subscribed();

    await notifier.notify({ body: document(3) });
    const renewal = await nextSubscribe();
    expect(header(renewal, 'Call-ID')).toBe(header(notifier.subscribe, 'Call-ID'));
    far.reply(renewal, 200, { headers: ['Expires: 7200'] });
    expect((await notifier.notify({ body: end('rejected') })).kind).toBe('200');
    expect((await notifier.notify({ body: document(4) })).kind).toBe('200');

    expect(heard.kinds).toEqual(['registered']);
  });

  it.each([403, 405, 489])('that a core refuses with %d are done without', async (status) => {
    const { subscribe } = await register();
    far.reply(subscribe, status);

    clock.advance(6_600_000);
    await untilRegisters(3);

    expect(subscribes().every((it) => header(it, 'CSeq') === '1 SUBSCRIBE')).toBe(true);
    expect(new Set(subscribes().map((it) => header(it, 'Call-ID'))).size).toBe(1);
    expect(heard.kinds.filter((it) => it !== 'registered')).toEqual([]);
  });

  it.each([
    [403, 'one user is not asked for', 'does', 2],
    [489, 'a network has none', 'does not', 1],
  ])('a %d says that %s: the next one %s ask', async (status, _says, _does, dialogs) => {
    const { subscribe } = await register();
    far.reply(subscribe, status);
    const next = bench.open({
      access: { transport, pcscf: [{ host: far.address, port: far.port }] },
    });
    next.account.register();
    await next.heard.heard('registered');
    clock.advance(6_600_000);
    await untilRegisters(6);

    expect(new Set(subscribes().map((it) => header(it, 'Call-ID'))).size).toBe(dialogs);
  });

  it.each([
    [401, 'WWW-Authenticate', 'Authorization'],
    [407, 'Proxy-Authenticate', 'Proxy-Authorization'],
  ] as const)('are answered for where %d asks in our realm', async (status, asks, answers) => {
    const { subscribe } = await register();
    far.reply(subscribe, status, {
      headers: [`${asks}: Digest realm="ims.test", nonce="n", algorithm=MD5, qop="auth"`],
    });

    const again = await nextSubscribe();
    expect(header(again, answers)).toContain('nonce="n"');
    expect(header(again, 'Call-ID')).toBe(header(subscribe, 'Call-ID'));
    expect(header(again, 'CSeq')).toBe('2 SUBSCRIBE');
    far.reply(again, status, {
      headers: [`${asks}: Digest realm="elsewhere.test", nonce="n", algorithm=MD5, qop="auth"`],
    });
    clock.advance(6_600_000);
    await untilRegisters(3);
    expect(subscribes().some((it) => it.raw.includes('elsewhere.test'))).toBe(false);
  });

  it('are renewed within the dialog, and asked for anew where it is unknown', async () => {
    const notifier = await subscribed();

    clock.advance(6_600_000);
    const renewal = await nextSubscribe();
    expect(renewal.startLine).toContain(`SUBSCRIBE sip:scscf@${far.address}`);
    expect(header(renewal, 'To')).toContain(';tag=notifier');
    expect(header(renewal, 'CSeq')).toBe('2 SUBSCRIBE');
    far.reply(renewal, 481);

    const anew = await nextSubscribe();
    expect(header(anew, 'Call-ID')).not.toBe(header(notifier.subscribe, 'Call-ID'));
    expect(header(anew, 'To')).toBe('<sip:alice@ims.test>');
  });

  it('are asked for later where the core is busy', async () => {
    const { subscribe } = await register();
    far.reply(subscribe, 503, { headers: ['Retry-After: 3600'] });
    await untilRegisters(2);

    const later = nextSubscribe();
    for (let waitedS = 0; waitedS < 3_700; waitedS += 100) {
      clock.advance(100_000);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }

    expect(header(await later, 'Call-ID')).not.toBe(header(subscribe, 'Call-ID'));
  });

  it('are done with before the registration is', async () => {
    const notifier = await subscribed();

    const leaving = account.deregister();
    const last = await nextSubscribe();
    far.reply(last, 200, { headers: ['Expires: 0'] });
    await leaving;

    expect(header(last, 'Expires')).toBe('0');
    expect(header(last, 'Call-ID')).toBe(header(notifier.subscribe, 'Call-ID'));
    expect(header(registers().at(-1) as Text, 'Expires')).toBe('0');
  });
});
