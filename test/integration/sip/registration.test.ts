import { header, headersOf, ScriptedRegistrar } from '../../support/scripted-registrar.ts';
import { createBench } from '../../support/sip-account-bench.ts';

const REALM = { realm: 'ims.test', username: 'alice@ims.test', password: 'pw:1' };
const SET = [
  'P-Associated-URI: <sip:alice@ims.test>, <tel:+15550100>',
  'P-Associated-URI: <sip:web!.*!@ims.test>',
  'Service-Route: <sip:orig@scscf.ims.test;lr>',
  'Path: <sip:term@pcscf.ims.test;lr>',
];

describe.each(['tcp', 'udp'] as const)('registering over %s', (transport) => {
  let registrar: ScriptedRegistrar;
  let bench: ReturnType<typeof createBench>;
  const pcscf = (): { host: string; port: number }[] => [
    { host: registrar.address, port: registrar.port },
  ];

  beforeEach(async () => {
    registrar = await new ScriptedRegistrar().start();
    bench = createBench();
  });
  afterEach(async () => {
    await bench.accounts.close();
    await registrar.stop();
  });

  it('REG-5: says what TS 24.229 wants said, and learns its implicit set', async () => {
    registrar.serveRegistrations({ ...REALM, headers: SET });
    const { account, heard } = bench.open({ access: { transport, pcscf: pcscf() } });

    account.register();

    const { defaultImpu, implicitSet } = await heard.heard('registered');
    expect(defaultImpu).toBe('sip:alice@ims.test');
    expect(implicitSet).toEqual(['sip:alice@ims.test', 'tel:+15550100', 'sip:web!.*!@ims.test']);
    const [first, second] = registrar.received;
    if (!first || !second) throw new Error('there were two REGISTERs');
    expect(first.startLine).toBe('REGISTER sip:ims.test SIP/2.0');
    expect(header(first, 'Expires')).toBe('600000');
    expect(header(first, 'Supported')).toBe('path, gruu, outbound');
    expect(header(first, 'From')).toMatch(/^<sip:alice@ims\.test>;tag=/);
    expect(header(first, 'Contact')).toMatch(/;\+sip\.instance="<urn:uuid:[^>]+>";reg-id=1/);
    expect(header(first, 'Contact')).toContain('+g.3gpp.icsi-ref="urn%3Aurn-7%3A3gpp-service');
    expect(header(first, 'Authorization')).toBe(
      'Digest username="alice@ims.test", realm="ims.test", nonce="", uri="sip:ims.test", response=""',
    );
    expect(headersOf(first, 'Route')).toEqual([]);
    expect(header(second, 'Call-ID')).toBe(header(first, 'Call-ID'));
    expect(header(second, 'CSeq')).toBe('2 REGISTER');
    expect(headersOf(second, 'Authorization')).toHaveLength(1);
  });

  it('REG-10: is de-registered with Expires 0, and no ghost is left', async () => {
    registrar.serveRegistrations(REALM);
    const { account, heard } = bench.open({ access: { transport, pcscf: pcscf() } });
    account.register();
    await heard.heard('registered');

    await account.deregister();

    expect(header(registrar.received.at(-1) ?? raise(), 'Expires')).toBe('0');
  });

  it.each([
    ['MD5', 'auth'],
    ['MD5-sess', 'auth'],
    ['MD5', 'auth-int'],
    ['SHA-256', 'auth'],
    ['SHA-256', 'auth-int'],
  ] as const)('REG-6: answers a challenge of %s, %s', async (algorithm, qop) => {
    registrar.serveRegistrations({ ...REALM, algorithm, qop });
    const { account, heard } = bench.open({ access: { transport, pcscf: pcscf() } });

    account.register();

    await heard.heard('registered');
    expect(registrar.received.filter(({ kind }) => kind === 'REGISTER')).toHaveLength(2);
  });
});

function raise(): never {
  throw new Error('nothing was received');
}
