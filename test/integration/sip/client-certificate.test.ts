import { Secret } from '@isthmus/shared/domain/secret';
import type { TlsAccess } from '@isthmus/shared/store/ims-access';
import { systemClock } from '../../../media-node/src/adapters/time/system-clock.ts';
import type { Log } from '../../../media-node/src/ports/log.ts';
import type { Unsealer } from '../../../media-node/src/ports/unsealer.ts';
import { aCertificate } from '../../support/memory-certificate.ts';
import { ScriptedRegistrar } from '../../support/scripted-registrar.ts';
import { type Bench, createBench, Heard, silentLog } from '../../support/sip-account-bench.ts';

const REALM = { realm: 'ims.test', username: 'alice@ims.test', password: 'pw:1' };
const CA = { commonName: 'a CA of the test', ...aCertificate('a CA of the test') };
const SERVER = aCertificate('pcscf.ims.test', CA);
const OURS = aCertificate('isthmus.tenant.test', CA);
const STRANGE = aCertificate('isthmus.tenant.test');
const TRUSTING: TlsAccess = { caPem: CA.certificatePem, serverName: 'pcscf.ims.test' };

describe('SES-7, SEC-2: a P-CSCF that asks for our certificate', () => {
  let far: ScriptedRegistrar;
  let bench: Bench;
  let warned: Heard<{ readonly kind: string; readonly facts: unknown }>;
  let unsealed: unknown[];

  beforeEach(async () => {
    far = await new ScriptedRegistrar('127.0.46.1').startTls({
      ...{ cert: SERVER.certificatePem, key: SERVER.privateKeyPem, ca: CA.certificatePem },
      ...{ requestCert: true, rejectUnauthorized: true },
    });
    far.serveRegistrations(REALM);
    warned = new Heard();
    unsealed = [];
    const log: Log = {
      ...silentLog,
      warn: (kind, facts) => {
        warned.hear({ kind, facts });
      },
    };
    const keys: Readonly<Record<string, string>> = {
      'sealed:ours': OURS.privateKeyPem,
      'sealed:strange': STRANGE.privateKeyPem,
    };
    const unsealer: Unsealer = {
      unseal: (sealed, context) => {
        unsealed.push(context);
        const key = keys[sealed];
        return key === undefined
          ? Promise.reject(new Error('sealed by somebody else'))
          : Promise.resolve(new Secret(key));
      },
    };
    bench = createBench(systemClock, '127.0.0.1', log, { unsealer });
  });
  afterEach(async () => {
    await bench.accounts.close();
    await far.stop();
  });

  const register = (client?: TlsAccess['client']): ReturnType<Bench['open']>['heard'] => {
    const pcscf = [{ host: far.address, port: far.port }];
    const tls = { ...TRUSTING, ...(client && { client }) };
    const { account, heard } = bench.open({ access: { transport: 'tls', tls, pcscf } });
    account.register();
    return heard;
  };

  it('is shown it, with the key unsealed for this tenant and home domain', async () => {
    const heard = register({ certificatePem: OURS.certificatePem, sealedKeyPem: 'sealed:ours' });

    await heard.heard('registered');

    expect(unsealed).toEqual([{ tenant: 't1', purpose: 'tls', subject: 'ims.test' }]);
  });

  it.each([
    ['we have none', undefined],
    [
      'ours is of an authority it does not know',
      { certificatePem: STRANGE.certificatePem, sealedKeyPem: 'sealed:strange' },
    ],
    ['our key cannot be unsealed', { certificatePem: OURS.certificatePem, sealedKeyPem: 'x' }],
    [
      'our key is of another certificate',
      { certificatePem: OURS.certificatePem, sealedKeyPem: 'sealed:strange' },
    ],
  ])(
    'hears nothing where %s, and is not asked over and over',
    async (_what, client) => {
      const heard = register(client);

      await new Promise((resolve) => setTimeout(resolve, 2_000));

      expect(far.received).toEqual([]);
      expect(heard.kinds).not.toContain('registered');
      expect(warned.events.length).toBeLessThanOrEqual(5);
      expect(JSON.stringify(warned.events)).not.toContain('PRIVATE KEY');
    },
    20_000,
  );
});
