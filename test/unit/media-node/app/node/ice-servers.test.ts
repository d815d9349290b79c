import { restTurnCredentials } from '../../../../../media-node/src/adapters/turn/rest-turn-credentials.ts';
import { iceServersFor } from '../../../../../media-node/src/app/node/ice-servers.ts';
import { Secret } from '../../../../../shared/src/domain/secret.ts';
import { FakeClock } from '../../../../support/fake-clock.ts';
import { noLog } from '../../../../support/node-no-log.ts';

const STUN = 'stun:192.0.2.1:3478';
const TURN = { urls: ['turn:turn.test?transport=tcp', 'turns:turn.test'], sealedSecret: 'sealed' };

function deps(
  unseal = (_sealed: string, _context: object) => Promise.resolve(new Secret('north')),
) {
  const clock = new FakeClock();
  const ids = { random: () => 'anybody', uuid: () => 'uuid' };
  return { clock, ids, log: noLog, unsealer: { unseal }, turn: restTurnCredentials, stunUrl: STUN };
}

describe('MED-5: where a client finds a way', () => {
  it('is the STUN of its node where the tenant has no TURN', async () => {
    expect(await iceServersFor(deps(), { tenantId: 't1' })).toEqual([{ urls: STUN }]);
  });

  it('is TURN as well, with credentials that end and name nobody', async () => {
    const contexts: object[] = [];
    const given = deps((_sealed, context) => {
      contexts.push(context);
      return Promise.resolve(new Secret('north'));
    });

    const [own, tcp, tls] = await iceServersFor(given, {
      tenantId: 't1',
      turn: { ...TURN, ttlS: 600 },
    });

    const expiresAtS = Math.floor(given.clock.nowMs() / 1_000) + 600;
    expect(own).toEqual({ urls: STUN });
    expect(tcp).toMatchObject({ urls: TURN.urls[0], username: `${String(expiresAtS)}:anybody` });
    expect(tls).toEqual({ ...tcp, urls: TURN.urls[1] });
    expect(contexts).toEqual([{ tenant: 't1', purpose: 'turn', subject: 't1' }]);
  });

  it('are signed as coturn expects it: HMAC-SHA1 of the user name, in base64', () => {
    const use = { name: 'user', expiresAtS: 1_000 };

    expect(restTurnCredentials.issue(new Secret('key'), use)).toEqual({
      username: '1000:user',
      credential: 'xFEiv5mMiRzn+T7LlfWrjegsysQ=',
    });
  });

  it('is STUN alone where the secret cannot be had, and the session goes on', async () => {
    const given = deps(() => Promise.reject(new Error('sealed for another')));

    expect(await iceServersFor(given, { tenantId: 't1', turn: TURN })).toEqual([{ urls: STUN }]);
  });
});
