import type { TlsOptions } from 'node:tls';
import type { TlsAccess } from '@isthmus/shared/store/ims-access';
import { systemClock } from '../../../media-node/src/adapters/time/system-clock.ts';
import type { Log } from '../../../media-node/src/ports/log.ts';
import { aCertificate } from '../../support/memory-certificate.ts';
import { header, ScriptedRegistrar, type Text } from '../../support/scripted-registrar.ts';
import { type Bench, createBench, silentLog } from '../../support/sip-account-bench.ts';

const REALM = { realm: 'ims.test', username: 'alice@ims.test', password: 'pw:1' };
const CA = { commonName: 'a CA of the test', ...aCertificate('a CA of the test') };
const OTHER_CA = { commonName: 'another CA', ...aCertificate('another CA') };
const SERVER = aCertificate('pcscf.ims.test', CA);
const TRUSTING: TlsAccess = { caPem: CA.certificatePem, serverName: 'pcscf.ims.test' };

/** Warnings, and a way to wait for one. */
function createWarnings(): { readonly log: Log; readonly warned: Promise<string> } {
  const { promise, resolve } = Promise.withResolvers<string>();
  return { log: { ...silentLog, warn: resolve }, warned: promise };
}

describe('SES-7: TLS toward the P-CSCF', () => {
  let far: ScriptedRegistrar;
  let bench: Bench;
  const start = async (options: TlsOptions = {}, log: Log = silentLog): Promise<void> => {
    bench = createBench(systemClock, '127.0.0.1', log);
    far = await new ScriptedRegistrar('127.0.43.1').startTls({
      ...{ cert: SERVER.certificatePem, key: SERVER.privateKeyPem },
      ...options,
    });
    far.serveRegistrations(REALM);
  };
  const register = (tls: TlsAccess): ReturnType<Bench['open']>['heard'] => {
    const pcscf = [{ host: far.address, port: far.port }];
    const { account, heard } = bench.open({ access: { transport: 'tls', tls, pcscf } });
    account.register();
    return heard;
  };

  afterEach(async () => {
    await bench.accounts.close();
    await far.stop();
  });

  it('registers where the certificate is of the name and the authority configured', async () => {
    await start();

    await register(TRUSTING).heard('registered');

    const request = far.received[0] as Text;
    expect(header(request, 'Via')).toMatch(/^SIP\/2\.0\/TLS /);
    expect(header(request, 'Contact')).toContain(';transport=tls>');
  });

  it.each([
    ['is of another name', { ...TRUSTING, serverName: 'other.ims.test' }],
    ['is signed by another authority', { ...TRUSTING, caPem: OTHER_CA.certificatePem }],
    ['is not of a public authority, and none is configured', { serverName: 'pcscf.ims.test' }],
    ['is not of the address, and no name is configured', { caPem: CA.certificatePem }],
  ])('sends nothing where it %s, and says so', async (_what, tls) => {
    const { log, warned } = createWarnings();
    await start({}, log);

    const heard = register(tls);

    expect(await warned).toBe('P-CSCF not trusted');
    expect(far.received).toEqual([]);
    expect(heard.kinds).toEqual([]);
  });

  it('never falls back to clear text', async () => {
    const { log, warned } = createWarnings();
    await start({}, log);
    await far.stop();
    await far.start();

    register(TRUSTING);
    // What the ClientHello is read as is no request, and is never answered.
    setTimeout(() => {
      far.cutConnections();
    }, 200);

    expect(await warned).toBe('P-CSCF not reachable');
    expect(far.received).toEqual([]);
  });

  it('takes no TLS older than 1.2', async () => {
    const { log, warned } = createWarnings();
    await start({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' }, log);

    register(TRUSTING);

    expect(await warned).toBe('P-CSCF not reachable');
    expect(far.received).toEqual([]);
  });
});
