import { impu } from '@isthmus/shared/domain/ids';
import type { BulkMode } from '../../../media-node/src/core/registration/bulk.ts';
import type { SipLegEvent } from '../../../media-node/src/ports/sip-leg.ts';
import { anImsSdp } from '../../support/an-sdp.ts';
import {
  header,
  headersOf,
  ScriptedRegistrar,
  type Text,
} from '../../support/scripted-registrar.ts';
import { createBench, Heard, takeInvite } from '../../support/sip-account-bench.ts';

const REALM = { realm: 'ims.test', username: 'pbx@ims.test', password: 'pw:1' };
const BLOCK = 'sip:!\\+1214555010[0-9]!@ims.test';
const NUMBER = 'sip:+12145550102@ims.test';
const CONTACT = /^<sip:127\.0\.0\.1:(\d+);transport=tcp;bnc>;\+sip\.instance=/;

describe('REG-1: registering a block of numbers (RFC 6140)', () => {
  let registrar: ScriptedRegistrar;
  let bench: ReturnType<typeof createBench>;

  beforeEach(async () => {
    registrar = await new ScriptedRegistrar().start();
    bench = createBench();
  });
  afterEach(async () => {
    await bench.accounts.close();
    await registrar.stop();
  });

  const open = (mode: BulkMode, numbers: readonly string[] = [BLOCK], user = 'pbx') =>
    bench.open({
      access: { pcscf: [{ host: registrar.address, port: registrar.port }] },
      impi: `${user}@ims.test`,
      impu: `sip:${user}@ims.test`,
      bulk: { mode, numbers: numbers.map(impu) },
    });
  const contactOf = (text: Text): string => header(text, 'Contact');
  const granted = (request: Text, more = ''): string =>
    `Contact: ${contactOf(request)};expires=7200${more}`;
  const isAsking = (text: Text): boolean => header(text, 'Require') === 'gin';
  const registers = (): readonly Text[] =>
    registrar.received.filter(({ kind }) => kind === 'REGISTER');
  const invite = (uri: string, more: readonly string[] = []): string =>
    registrar.request('INVITE', {
      uri,
      headers: [
        'From: <sip:bob@ims.test>;tag=b',
        'To: <sip:someone@ims.test>',
        `Call-ID: ${Math.random().toString(36)}`,
        'CSeq: 1 INVITE',
        'Contact: <sip:bob@127.0.41.1>',
        'Content-Type: application/sdp',
        ...more,
      ],
    });
  /** Host and port behind which the block is. */
  const at = (request: Text): string => `127.0.0.1:${CONTACT.exec(contactOf(request))?.[1] ?? ''}`;

  it('demands gin, has no user in its Contact, and is content with the numbers it knows', async () => {
    registrar.serveRegistrations(REALM);
    const { account, heard } = open('require');

    account.register();

    const { defaultImpu, implicitSet } = await heard.heard('registered');
    expect({ defaultImpu, implicitSet }).toEqual({
      defaultImpu: 'sip:pbx@ims.test',
      implicitSet: ['sip:pbx@ims.test', BLOCK],
    });
    expect(registers()).toHaveLength(2);
    for (const request of registers()) {
      expect(headersOf(request, 'Require')).toEqual(['gin']);
      expect(headersOf(request, 'Proxy-Require')).toEqual(['gin']);
      expect(header(request, 'Supported')).toContain('path');
      expect(contactOf(request)).toMatch(CONTACT);
      expect(header(request, 'To')).toBe('<sip:pbx@ims.test>');
    }
  });

  it('adds what P-Associated-URI names, once each', async () => {
    const headers = [`P-Associated-URI: <sip:main@ims.test>, <${BLOCK}>`];
    registrar.serveRegistrations({ ...REALM, headers });
    const { account, heard } = open('try');

    account.register();

    const { implicitSet } = await heard.heard('registered');
    expect(implicitSet).toEqual(['sip:main@ims.test', BLOCK]);
  });

  it('is taken back as a block', async () => {
    registrar.serveRegistrations(REALM);
    const { account, heard } = open('require');
    account.register();
    await heard.heard('registered');

    await account.deregister();

    const last = registers().at(-1);
    expect(
      last && [isAsking(last), header(last, 'Expires'), CONTACT.test(contactOf(last))],
    ).toEqual([true, '0', true]);
  });

  it.each([420, 400])(
    'falls back to the implicit set where the registrar answers %i',
    async (status) => {
      const set = 'P-Associated-URI: <sip:pbx@ims.test>, <sip:desk@ims.test>';
      registrar.on('REGISTER', (request) => {
        if (isAsking(request)) registrar.reply(request, status, { headers: ['Unsupported: gin'] });
        else registrar.reply(request, 200, { headers: [granted(request), set] });
      });
      const { account, heard } = open('try');

      account.register();

      const { implicitSet } = await heard.heard('registered');
      expect(implicitSet).toEqual(['sip:pbx@ims.test', 'sip:desk@ims.test']);
      expect(registers().map(isAsking)).toEqual([true, false]);
      const [asking, plain] = registers() as [Text, Text];
      expect(header(plain, 'Proxy-Require')).toBe('');
      expect(contactOf(plain)).toMatch(/^<sip:[\w-]+@127\.0\.0\.1:/);
      expect(header(plain, 'Call-ID')).toBe(header(asking, 'Call-ID'));
    },
  );

  it('takes back what a registrar took for an ordinary contact, and falls back', async () => {
    registrar.on('REGISTER', (request) => {
      const contact = granted(request).replace(';bnc', '');
      registrar.reply(request, 200, { headers: [contact] });
    });
    const { account, heard } = open('try');

    account.register();

    const { implicitSet } = await heard.heard('registered');
    expect(implicitSet).toEqual(['sip:pbx@ims.test']);
    const steps = registers().map((it) => [isAsking(it), header(it, 'Expires')]);
    expect(steps).toEqual([
      [true, '600000'],
      [true, '0'],
      [false, '600000'],
    ]);
  });

  it('that is required is refused where the registrar does not know it', async () => {
    registrar.on('REGISTER', (request) => {
      registrar.reply(request, 420, { headers: ['Unsupported: gin'], reason: 'Bad Extension' });
    });
    const { account, heard } = open('require');

    account.register();

    await expect(heard.heard('refused')).resolves.toMatchObject({ status: 420 });
    expect(registers()).toHaveLength(1);
  });

  it('that is required is refused where the registrar ignores it, and nothing is left there', async () => {
    registrar.on('REGISTER', (request) => {
      registrar.reply(request, 200, { headers: [granted(request).replace(';bnc', '')] });
    });
    const { account, heard } = open('require');

    account.register();

    await expect(heard.heard('refused')).resolves.toMatchObject({ status: 420 });
    expect(registers().map((it) => header(it, 'Expires'))).toEqual(['600000', '0']);
  });

  it('is not asked for where the trunk does not say so', async () => {
    registrar.serveRegistrations(REALM);
    const { account, heard } = open('off');

    account.register();

    const { implicitSet } = await heard.heard('registered');
    expect(implicitSet).toEqual(['sip:pbx@ims.test']);
    expect(registers().some(isAsking)).toBe(false);
  });

  it.each([
    [
      'its number in the Request-URI',
      (host: string) => `sip:+12145550102@${host};transport=tcp`,
      [],
      NUMBER,
    ],
    [
      'P-Called-Party-ID',
      (host: string) => `sip:${host};transport=tcp;bnc`,
      [`P-Called-Party-ID: <${NUMBER};user=phone>`],
      NUMBER,
    ],
    ['the identity of the trunk', () => 'sip:pbx@ims.test', [], 'sip:pbx@ims.test'],
  ] as const)('lets a number be called by %s', async (_, uri, more, called) => {
    registrar.serveRegistrations(REALM);
    const { account, heard } = open('require');
    account.register();
    await heard.heard('registered');

    invite(uri(at(registers()[0] as Text)), more);

    const { invite: incoming, leg } = await takeInvite(heard);
    expect(incoming.calledImpu).toBe(called);
    leg.reject(486);
    await registrar.next('486');
  });

  it('answers 404 for a number beyond the block', async () => {
    registrar.serveRegistrations(REALM);
    const { account, heard } = open('require');
    account.register();
    await heard.heard('registered');

    invite(`sip:+19995550102@${at(registers()[0] as Text)}`);

    await registrar.next('404');
    expect(heard.kinds).not.toContain('incoming');
  });

  it('keeps two blocks behind one flow apart', async () => {
    registrar.on('REGISTER', (request) => {
      registrar.reply(request, 200, { headers: [granted(request)] });
    });
    const first = open('require', ['sip:+1214555![0-9]{4}!@ims.test']);
    const second = open('require', ['sip:+1999555![0-9]{4}!@ims.test'], 'pbx2');
    for (const { account } of [first, second]) account.register();
    await Promise.all([first, second].map(({ heard }) => heard.heard('registered')));
    expect(registrar.connectionCount).toBe(1);

    invite(`sip:+19995550102@${at(registers()[0] as Text)}`);

    const { invite: incoming, leg } = await takeInvite(second.heard);
    expect(incoming.calledImpu).toBe('sip:+19995550102@ims.test');
    expect(first.heard.kinds).not.toContain('incoming');
    leg.reject(486);
    await registrar.next('486');
  });

  it('calls as a number by the GRUU of that number, and is found by its mark', async () => {
    const gruu = 'sip:ims.test;bnc;gr=urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6';
    registrar.on('REGISTER', (request) => {
      registrar.reply(request, 200, { headers: [granted(request, `;pub-gruu="${gruu}"`)] });
    });
    const { account, heard } = open('require');
    account.register();
    await heard.heard('registered');
    const legHeard = new Heard<SipLegEvent>();
    account.invite(
      { identity: impu(NUMBER), target: 'sip:bob@ims.test', sdp: anImsSdp() },
      legHeard.hear,
    );

    const sent = await registrar.next('INVITE');
    const [, uri = ''] = /^<([^>]+)>/.exec(contactOf(sent)) ?? [];
    expect(uri).toMatch(/^sip:\+12145550102@ims\.test;gr=urn:uuid:f81d4fae-[^;]+;sg=[\w-]+$/);
    registrar.reply(sent, 200, {
      headers: ['Contact: <sip:bob@127.0.41.1>'],
      body: anImsSdp(),
    });
    await legHeard.heard('sip-answered');
    await registrar.next('ACK');
    registrar.request('BYE', {
      uri,
      headers: [
        `From: ${header(sent, 'To')};tag=scripted`,
        `To: ${header(sent, 'From')}`,
        `Call-ID: ${header(sent, 'Call-ID')}`,
        'CSeq: 2 BYE',
      ],
    });

    await registrar.next('200');
    await legHeard.heard('sip-hung-up');
  });
});
