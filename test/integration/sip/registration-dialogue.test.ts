import { impu } from '@isthmus/shared/domain/ids';
import type { SipLegEvent } from '../../../media-node/src/ports/sip-leg.ts';
import {
  header,
  headersOf,
  ScriptedRegistrar,
  type Text,
} from '../../support/scripted-registrar.ts';
import { createBench, Heard } from '../../support/sip-account-bench.ts';

const SDP = 'v=0\r\n';
const ROUTE = 'Service-Route: <sip:orig@scscf.ims.test:6060;lr>';
const PATH = 'Path: <sip:term@pcscf.ims.test;lr>';
const askedBy = (name: string, nonce: string, more = ''): string =>
  `${name}: Digest realm="ims.test", nonce="${nonce}", qop="auth"${more}`;

describe.each(['tcp', 'udp'] as const)('a registrar that is particular, over %s', (transport) => {
  let far: ScriptedRegistrar;
  let bench: ReturnType<typeof createBench>;

  beforeEach(async () => {
    far = await new ScriptedRegistrar().start();
    bench = createBench();
  });
  afterEach(async () => {
    await bench.accounts.close();
    await far.stop();
  });

  const open = (access: { readonly refuseMd5?: boolean } = {}) => {
    const pcscf = [{ host: far.address, port: far.port }];
    const one = bench.open({ access: { transport, pcscf, ...access } });
    one.account.register();
    return one;
  };
  const accept = (request: Text, ...headers: readonly string[]): void => {
    const contact = `Contact: ${header(request, 'Contact')};expires=600`;
    far.reply(request, 200, { headers: [contact, ...headers] });
  };
  const registered = async (...headers: readonly string[]) => {
    const one = open();
    accept(await far.next('REGISTER'), ...headers);
    await one.heard.heard('registered');
    return one;
  };
  const call = ({ account }: Awaited<ReturnType<typeof registered>>) => {
    const heard = new Heard<SipLegEvent>();
    const identity = impu('sip:alice@ims.test');
    const leg = account.invite({ identity, target: 'sip:bob@ims.test', sdp: SDP }, heard.hear);
    return { leg, heard };
  };

  it('REG-6: RFC 3261 §22.3 – proxy and registrar both ask in one exchange, and both are answered', async () => {
    const { heard } = open();
    far.reply(await far.next('REGISTER'), 407, { headers: [askedBy('Proxy-Authenticate', 'p')] });
    far.reply(await far.next('REGISTER'), 401, { headers: [askedBy('WWW-Authenticate', 'r')] });

    const last = await far.next('REGISTER');
    expect(header(last, 'Proxy-Authorization')).toMatch(/nonce="p".*nc=00000002/);
    expect(header(last, 'Authorization')).toMatch(/nonce="r".*nc=00000001/);
    accept(last);
    await heard.heard('registered');
  });

  it('REG-6: RFC 8760 §2.6 – whoever takes SHA-256 away gets no MD5 from a tenant that refuses it', async () => {
    const { heard } = open({ refuseMd5: true });
    far.reply(await far.next('REGISTER'), 401, {
      headers: [askedBy('WWW-Authenticate', 'w', ', algorithm=MD5')],
    });

    await expect(heard.heard('refused')).resolves.toMatchObject({ status: 401 });
    expect(far.received).toHaveLength(1);
  });

  it('REG-6: RFC 7616 §3.5 – the farewell goes on with the next nonce, counted from one', async () => {
    const { account, heard } = open();
    far.reply(await far.next('REGISTER'), 401, { headers: [askedBy('WWW-Authenticate', 'r')] });
    accept(await far.next('REGISTER'), 'Authentication-Info: nextnonce="s"');
    await heard.heard('registered');

    const gone = account.deregister();

    const farewell = await far.next('REGISTER');
    expect(header(farewell, 'Authorization')).toMatch(/nonce="s".*nc=00000001/);
    accept(farewell);
    await gone;
  });

  it('REG-6: stops after two answers that were not good enough', async () => {
    const { heard } = open();
    for (const nonce of ['a', 'b', 'c']) {
      far.reply(await far.next('REGISTER'), 401, { headers: [askedBy('WWW-Authenticate', nonce)] });
    }

    await expect(heard.heard('refused')).resolves.toMatchObject({ status: 401 });
    expect(far.received).toHaveLength(3);
  });

  it('REG-8: RFC 3261 §10.2.8 – asks for as long as a 423 wants', async () => {
    const { heard } = open();
    far.reply(await far.next('REGISTER'), 423, { headers: ['Min-Expires: 700000'] });

    const second = await far.next('REGISTER');
    expect(header(second, 'Expires')).toBe('700000');
    accept(second);
    await heard.heard('registered');
  });

  it('REG-7: RFC 5627 §4.3, RFC 3608 §5 – calls by its GRUU, along the Service-Route, never the Path', async () => {
    const one = open();
    const request = await far.next('REGISTER');
    const gruu = 'sip:alice@ims.test;gr=urn:uuid:1';
    const contact = `${header(request, 'Contact')};expires=600;pub-gruu="${gruu}";temp-gruu="sip:t@ims.test;gr"`;
    far.reply(request, 200, { headers: [`Contact: ${contact}`, ROUTE, PATH, 'Require: outbound'] });
    await one.heard.heard('registered');

    call(one);

    const invite = await far.next('INVITE');
    expect(header(invite, 'Contact')).toContain(`<${gruu}>`);
    const routes = headersOf(invite, 'Route').join(', ');
    expect(routes).toMatch(
      /^<sip:127\.0\.41\.1:\d+[^>]*;lr>, <sip:orig@scscf\.ims\.test:6060;lr>$/,
    );
  });

  const restoration = (by: string, action = '<initial-registration/>') => ({
    headers: [`P-Asserted-Identity: <${by}>`, 'Content-Type: application/3gpp-ims+xml'],
    xml: `<ims-3gpp version="1"><alternative-service><type><restoration/></type><reason/><action>${action}</action></alternative-service></ims-3gpp>`,
  });
  const refuse = (request: Text, by: string, action?: string): void => {
    const { headers, xml } = restoration(by, action);
    far.reply(request, 504, { headers, body: xml });
  };

  it.each([
    ['its S-CSCF', 'sip:orig@scscf.ims.test:6060'],
    ['its P-CSCF', 'sip:term@pcscf.ims.test'],
  ])(
    'REG-8: 3GPP TS 24.229 §5.1.2A.1.6 – registers anew when %s has forgotten it',
    async (_, by) => {
      const one = await registered(ROUTE, PATH);
      const { heard } = call(one);

      refuse(await far.next('INVITE'), by);

      expect((await heard.heard('sip-rejected')).status).toBe(504);
      const again = await far.next('REGISTER');
      expect(header(again, 'Expires')).toBe('600000');
      accept(again);
      await one.heard.next('registered');
      expect(one.heard.kinds).toEqual(['registered', 'lost', 'registered']);
    },
  );

  it('REG-8: 3GPP TS 24.229 §5.1.2A.1.6 – a request within a dialog tells it as well', async () => {
    const one = await registered(ROUTE, PATH);
    const { heard, leg } = call(one);
    const contact = 'Contact: <sip:far@192.0.2.2>';
    far.reply(await far.next('INVITE'), 200, { headers: [contact], body: SDP });
    await heard.heard('sip-answered');
    leg.bye();

    refuse(await far.next('BYE'), 'sip:orig@scscf.ims.test:6060');

    expect(header(await far.next('REGISTER'), 'Expires')).toBe('600000');
  });

  it.each([
    ['a stranger', 'sip:evil@evil.test', '<initial-registration/>'],
    ['its S-CSCF for another reason', 'sip:orig@scscf.ims.test:6060', '<emergency-registration/>'],
    ['its S-CSCF in no XML', 'sip:orig@scscf.ims.test:6060', '<'],
  ])('REG-8: stays registered when %s says so', async (_who, by, action) => {
    const one = await registered(ROUTE, PATH);
    const { heard } = call(one);

    refuse(await far.next('INVITE'), by, action);

    await heard.heard('sip-rejected');
    const gone = one.account.deregister();
    // The next REGISTER of all is the farewell.
    const farewell = await far.next('REGISTER');
    expect(header(farewell, 'Expires')).toBe('0');
    accept(farewell);
    await gone;
  });
});
