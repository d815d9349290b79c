import type { Deregistration, ImsSimulator } from '../../../local/src/ims/ims-types.ts';
import { alice, aPhone, aSimulator, bob } from './a-simulator.ts';
import { type RawMessage, type RawPhone, reply, token } from './raw-sip-client.ts';

/** One subscription to registration events, every header spelt out. */
class RawSubscription {
  readonly #phone: RawPhone;
  readonly #callId = token();
  readonly #tag = token();
  #cseq = 0;
  #to = `<${alice.impu}>`;
  #target = alice.impu;
  #routes: readonly string[];

  constructor(phone: RawPhone) {
    this.#phone = phone;
    this.#routes = [phone.serviceRoute];
  }

  async subscribe(expiresS: number, more: { readonly to?: string } = {}): Promise<RawMessage> {
    this.#cseq += 1;
    const cseq = `${String(this.#cseq)} SUBSCRIBE`;
    this.#phone.send({
      method: 'SUBSCRIBE',
      uri: this.#target,
      headers: [
        ...this.#routes.map((route) => `Route: ${route}`),
        `From: <${alice.impu}>;tag=${this.#tag}`,
        `To: ${more.to ?? this.#to}`,
        `Call-ID: ${this.#callId}`,
        `CSeq: ${cseq}`,
        `Contact: ${this.#phone.contact}`,
        'Event: reg',
        `Expires: ${String(expiresS)}`,
      ],
    });
    const answer = await this.#phone.wire.next(
      (it) => it.header('CSeq') === cseq && it.header('Call-ID') === this.#callId,
    );
    if (answer.status === 200) {
      this.#to = answer.header('To');
      this.#target = /<([^>]+)>/.exec(answer.header('Contact'))?.[1] ?? '';
      this.#routes = answer.all('Record-Route').toReversed();
    }
    return answer;
  }

  /** The next NOTIFY of this dialog, answered. */
  async notify(line = '200 OK'): Promise<RawMessage> {
    const notify = await this.#phone.wire.next(
      (it) => it.method === 'NOTIFY' && it.header('Call-ID') === this.#callId,
    );
    reply(this.#phone, notify, line);
    return notify;
  }
}

const attributes = (body: string, element: string, name: string): readonly string[] =>
  [...body.matchAll(new RegExp(`<${element} [^>]*\\b${name}="([^"]*)"`, 'g'))].map(
    ([, value = '']) => value,
  );
const documentOf = ({ body }: RawMessage) => ({
  version: attributes(body, 'reginfo', 'version')[0],
  state: attributes(body, 'reginfo', 'state')[0],
  aors: attributes(body, 'registration', 'aor'),
  registrations: attributes(body, 'registration', 'state'),
  contacts: attributes(body, 'contact', 'state'),
  events: attributes(body, 'contact', 'event'),
});

describe.each(['TCP', 'UDP'] as const)('OPS-2: registration events over %s', (transport) => {
  let simulator: ImsSimulator;
  let phones: RawPhone[] = [];
  const registered = async (account = alice): Promise<RawPhone> => {
    const it = await aPhone(simulator, account, transport);
    phones.push(it);
    await it.register();
    return it;
  };
  const subscribed = async () => {
    const phone = await registered();
    const subscription = new RawSubscription(phone);
    const answer = await subscription.subscribe(600);
    return { phone, subscription, answer, first: await subscription.notify() };
  };
  const notifies = (phone: RawPhone) =>
    phone.wire.seen.filter(({ method }) => method === 'NOTIFY').length;
  beforeEach(async () => {
    simulator = await aSimulator();
  });
  afterEach(async () => {
    for (const it of phones) it.wire.close();
    phones = [];
    await simulator.close();
  });

  it('begin with the full state of the implicit set, without its barred identities', async () => {
    const { answer, first, phone } = await subscribed();

    expect([answer.status, answer.header('Expires')]).toEqual([200, '600']);
    expect(first.header('Event')).toBe('reg');
    expect(first.header('Subscription-State')).toBe('active;expires=600');
    expect(first.header('Content-Type')).toBe('application/reginfo+xml');
    expect(documentOf(first)).toEqual({
      ...{ version: '0', state: 'full', aors: [alice.impu, 'tel:+4930111'] },
      ...{ registrations: ['active', 'active'], contacts: ['active', 'active'] },
      events: ['registered', 'registered'],
    });
    expect(first.body).toContain(`<uri>${phone.contact.slice(1, -1)}</uri>`);
  });

  it('are renewed and ended in their dialog', async () => {
    const { subscription } = await subscribed();

    const renewed = await subscription.subscribe(1_200);
    const second = await subscription.notify();
    const ended = await subscription.subscribe(0);
    const last = await subscription.notify();
    const gone = await subscription.subscribe(600);

    expect([renewed.status, renewed.header('Expires'), ended.status]).toEqual([200, '1200', 200]);
    expect(documentOf(second)).toMatchObject({ version: '1', state: 'full' });
    expect(last.header('Subscription-State')).toBe('terminated;reason=timeout');
    expect(gone.status).toBe(481);
  });

  it('tell of another contact, and of its end', async () => {
    const { subscription } = await subscribed();
    const other = await registered();
    const came = documentOf(await subscription.notify());
    await other.register(['Contact: *', 'Expires: 0']).catch(() => undefined);
    const left = documentOf(await subscription.notify());

    expect(came).toMatchObject({
      version: '1',
      state: 'partial',
      registrations: ['active', 'active'],
    });
    expect(came.events).toEqual(['registered', 'registered']);
    expect(left.contacts).toContain('terminated');
    expect(left.events).toContain('unregistered');
  });

  it.each<Deregistration>([
    { event: 'deactivated' },
    { event: 'probation', retryAfterS: 7 },
    { event: 'rejected' },
    { event: 'unregistered' },
    { event: 'expired' },
  ])('end with the registration that the operator ended: %j', async (why) => {
    const { phone, subscription } = await subscribed();
    const stranger = await registered(bob);

    simulator.deregister('tel:+4930111', why);
    const last = await subscription.notify();

    expect(last.header('Subscription-State')).toBe('terminated;reason=noresource');
    expect(documentOf(last)).toMatchObject({
      ...{ registrations: ['terminated', 'terminated'], contacts: ['terminated', 'terminated'] },
      events: [why.event, why.event],
    });
    const wait = attributes(last.body, 'contact', 'retry-after');
    expect(wait).toEqual(why.retryAfterS === undefined ? [] : ['7', '7']);
    expect(simulator.registrations().map(({ impi }) => impi)).toEqual([bob.impi]);
    expect((await subscription.subscribe(600)).status).toBe(481);
    expect([notifies(phone), notifies(stranger)]).toEqual([2, 0]);
  });

  it('are not told of what the core forgot', async () => {
    const { phone, subscription } = await subscribed();

    simulator.terminateRegistration(alice.impi);

    expect((await subscription.subscribe(600)).status).toBe(481);
    expect(notifies(phone)).toBe(1);
  });

  it('end where a NOTIFY met 481', async () => {
    const phone = await registered();
    const subscription = new RawSubscription(phone);
    await subscription.subscribe(600);
    await subscription.notify('481 Subscription Does Not Exist');
    // Answered in turn: whatever came after it finds the 481 dealt with.
    await phone.register();

    expect((await subscription.subscribe(600)).status).toBe(481);
  });

  it('are for nobody else, in no dialog that is not theirs', async () => {
    await subscribed();
    const stranger = await registered(bob);

    const foreign = await new RawSubscription(stranger).subscribe(600);
    const astray = new RawSubscription(stranger);
    const lost = await astray.subscribe(600, { to: `<${alice.impu}>;tag=nothing` });

    expect([foreign.status, lost.status]).toEqual([403, 481]);
  });

  it('are for those who are registered', async () => {
    const phone = await aPhone(simulator, alice, transport);
    phones.push(phone);

    expect((await new RawSubscription(phone).subscribe(600)).status).toBe(403);
  });
});
