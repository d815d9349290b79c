import { createHash, X509Certificate } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificate } from '../../../media-node/src/adapters/control/certificate.ts';
import { restTurnCredentials } from '../../../media-node/src/adapters/turn/rest-turn-credentials.ts';
import type { CallMedia } from '../../../media-node/src/ports/call-media.ts';
import { Secret } from '../../../shared/src/domain/secret.ts';
import type { IwfError } from '../../../shared/src/errors/iwf-error.ts';
import type { Result } from '../../../shared/src/result.ts';
import { type Child, startChild } from '../../support/ims-lab/child.ts';
import { findFreePort } from '../../support/ims-lab/free-port.ts';
import { requireTools } from '../../support/ims-lab/required-tools.ts';
import { aMediaNode, labByTcpToo, type MediaNode, type PlaneName } from './a-media-node.ts';
import { ChromiumPhone } from './chromium.ts';
import { ImsEcho } from './ims-echo.ts';

const HOST = '127.0.0.1';
const SECRET = 'shared with the TURN server';
const HOUR_S = 3_600;

function taken<T>(result: Result<T, IwfError>): T {
  if (!result.ok) throw result.error;
  return result.value;
}

let phone: ChromiumPhone;
let node: MediaNode;
let echo: ImsEcho;
let coturn: Child;
let folder: string;
let port: number;
let tlsPort: number;
let call: CallMedia | undefined;

/** As Chromium wants to be told of a key it shall trust. */
const spkiOf = (certificatePem: string): string =>
  createHash('sha256')
    .update(new X509Certificate(certificatePem).publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64');

beforeAll(async () => {
  requireTools(['turnserver', 'setpriv']);
  folder = await mkdtemp(join(tmpdir(), 'isthmus-turn-'));
  const { certificatePem, privateKeyPem } = await makeCertificate(Date.now());
  await writeFile(join(folder, 'cert.pem'), certificatePem);
  await writeFile(join(folder, 'key.pem'), privateKeyPem);
  [port, tlsPort] = [await findFreePort(HOST), await findFreePort(HOST)];
  coturn = await startChild({
    command: 'turnserver',
    args: [
      ...['-n', '--no-cli', '--no-udp', '--no-dtls', '--log-file=stdout', '--verbose'],
      ...[`--cert=${join(folder, 'cert.pem')}`, `--pkey=${join(folder, 'key.pem')}`],
      ...[`--listening-ip=${HOST}`, `--listening-port=${String(port)}`, `--relay-ip=${HOST}`],
      `--tls-listening-port=${String(tlsPort)}`,
      ...['--use-auth-secret', `--static-auth-secret=${SECRET}`, '--realm=isthmus'],
      ...['--allow-loopback-peers', '--min-port=44000', '--max-port=44099'],
    ],
    cwd: '/',
  });
  phone = await ChromiumPhone.open({ trusts: spkiOf(certificatePem), withoutUdp: true });
  node = await aMediaNode();
  echo = await ImsEcho.open();
});
afterAll(async () => {
  await call?.close();
  echo.close();
  await phone.close();
  await node.plane.close();
  await coturn.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('SES-1 and MED-5: a Chromium without UDP', () => {
  it.each([
    ['TCP', () => `turn:${HOST}:${String(port)}?transport=tcp`],
    ['TLS', () => `turns:${HOST}:${String(tlsPort)}?transport=tcp`],
  ])('talks by TURN over %s, with credentials as the node gives them', async (_, urlNow) => {
    const expiresAtS = Math.floor(Date.now() / 1_000) + HOUR_S;
    const use = { name: 'somebody', expiresAtS };
    const credential = restTurnCredentials.issue(new Secret(SECRET), use);
    await phone.connect({ relay: { urls: urlNow(), ...credential } });
    call = node.media.create({ callId: 'call-0001', codecs: ['PCMA'] }, () => undefined);

    const offered = taken(await call.takeBrowserOffer(await phone.offer()));
    await phone.takeAnswer(offered.accessAnswer);
    const candidates = await phone.candidates();
    call.addCandidates(candidates);
    await phone.waitUntilConnected();
    call.setGate({ toIms: true, toBrowser: true });
    taken(call.takeImsAnswer(echo.sdp(['8'])));
    const heard = await phone.hear(50);

    expect(candidates.every((it) => it.includes(' typ relay'))).toBe(true);
    expect(heard.energy).toBeGreaterThan(0);
    expect(echo.heard.length).toBeGreaterThan(0);
    await phone.hangUp();
    await call.close();
  });
});

describe.each<PlaneName>(['native', 'portable'])(
  'MED-5: a Chromium without UDP and TURN',
  (plane) => {
    let direct: MediaNode;
    beforeAll(async () => {
      direct = await aMediaNode(labByTcpToo, plane);
    });
    afterAll(async () => {
      await direct.close();
    });

    it(`calls by way of the TCP port of a ${plane} node, and both sides are heard`, async () => {
      await phone.connect();
      call = direct.media.create({ callId: 'call-0001', codecs: ['PCMA'] }, () => undefined);
      const before = echo.heard.length;

      const offered = taken(await call.takeBrowserOffer(await phone.offer()));
      await phone.takeAnswer(offered.accessAnswer);
      await phone.waitUntilConnected();
      call.setGate({ toIms: true, toBrowser: true });
      taken(call.takeImsAnswer(echo.sdp(['8'])));
      const heard = await phone.hear(50);

      expect(await phone.protocols()).toEqual(['tcp', 'tcp']);
      expect(heard.energy).toBeGreaterThan(0);
      expect(echo.heard.length).toBeGreaterThan(before);
      await phone.hangUp();
      await call.close();
    });
  },
);
