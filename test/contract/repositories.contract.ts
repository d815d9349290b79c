import { randomUUID } from 'node:crypto';
import {
  trunkId as aTrunkId,
  connectionId,
  impu,
  nodeId,
  type SessionId,
  sessionId,
  type TenantId,
  tenantId,
} from '@isthmus/shared/domain/ids';
import type { CallRecord } from '@isthmus/shared/store/call-records';
import type { NodeItem, SessionItem } from '@isthmus/shared/store/items';
import type { MemoryClock } from '../support/memory-clock.ts';
import type { NodeWrites, Stores } from '../support/memory-stores.ts';

export interface RepositoriesUnderTest {
  readonly stores: Stores;
  readonly nodeWrites: NodeWrites;
  readonly clock: MemoryClock;
}

const fresh = (name: string): string => `${name}-${randomUUID()}`;
const inSeconds = (clock: MemoryClock, s: number): number => Math.floor(clock.nowMs() / 1000) + s;

/** What every adapter of the stores must do alike, whatever it is made of. */
export function repositoriesContract(current: () => RepositoriesUnderTest): void {
  let tenant: TenantId;
  let other: TenantId;

  beforeEach(() => {
    tenant = tenantId(fresh('acme'));
    other = tenantId(fresh('other'));
  });

  describe('the directory', () => {
    const settings = (name: string) => ({
      tenantId: name,
      allowedOrigins: ['https://phone.example'],
      options: ['token' as const],
      showImpu: true,
      graceS: 30,
      codecs: ['PCMA'],
      ims: {
        homeDomain: 'ims.example',
        transport: 'tcp' as const,
        pcscf: [{ host: '192.0.2.1', port: 5060 }],
        initialAuthorization: true,
      },
    });
    const trunk = (name: string, trunkId: string) => ({
      tenantId: name,
      trunkId,
      impu: 'sip:pbx@ims.example',
      impi: 'pbx@ims.example',
      sealedPassword: 'kf1.x',
    });

    it('gives back the tenant that was put last, and nothing for one that was not', async () => {
      const { tenants } = current().stores;
      await tenants.put(settings(tenant));
      await tenants.put({ ...settings(tenant), graceS: 60 });

      expect(await tenants.get(tenant)).toEqual({ ...settings(tenant), graceS: 60 });
      expect(await tenants.get(other)).toBeUndefined();
    });

    it('finds a user in its own tenant only', async () => {
      const { users } = current().stores;
      const user = { tenantId: tenant, userName: 'anna', passwordHash: 'h' };
      await users.put(user);

      expect(await users.get(tenant, 'anna')).toEqual(user);
      expect(await users.get(other, 'anna')).toBeUndefined();
      expect(await users.get(tenant, 'ann')).toBeUndefined();
    });

    it('notes from when on the tokens of a user count, and of no other', async () => {
      const { users } = current().stores;
      const user = { tenantId: tenant, userName: 'anna', passwordHash: 'h' };
      await users.put(user);

      expect(await users.revokeTokens(tenant, 'anna', 7)).toBe(true);
      expect(await users.revokeTokens(other, 'anna', 7)).toBe(false);
      expect(await users.get(tenant, 'anna')).toEqual({ ...user, tokensFromMs: 7 });
      expect(await users.get(other, 'anna')).toBeUndefined();
    });

    it('lists the trunks of one tenant, new ones down and without identities', async () => {
      const { trunks } = current().stores;
      await trunks.put(trunk(tenant, 'a'));
      await trunks.put(trunk(tenant, 'b'));
      await trunks.put(trunk(other, 'c'));

      const listed = await trunks.ofTenant(tenant);

      expect(listed.map(({ trunkId }) => trunkId)).toEqual(['a', 'b']);
      expect(listed[0]).toEqual({ ...trunk(tenant, 'a'), state: 'down', implicitSet: [] });
    });

    it('notes on a trunk when an identity of it was taken, and on none that is not there', async () => {
      const { trunks } = current().stores;
      await trunks.put(trunk(tenant, 'a'));

      await trunks.noteRelease(tenant, aTrunkId('a'), 1_000);
      await trunks.noteRelease(tenant, aTrunkId('none'), 1_000);
      await trunks.put(trunk(tenant, 'a'));

      const noted = (await trunks.ofTenant(tenant)).map((it) => [it.trunkId, it.releasedAtMs]);
      expect(noted).toEqual([['a', 1_000]]);
    });

    it('keeps what an operator says of the block of a trunk, until it is said no more', async () => {
      const { trunks } = current().stores;
      const block = { bulkRegistration: 'try' as const, numbers: ['sip:+49!.*!@ims.example'] };
      const asNew = { ...trunk(tenant, 'a'), state: 'down', implicitSet: [] };

      await trunks.put({ ...trunk(tenant, 'a'), ...block });
      expect(await trunks.ofTenant(tenant)).toEqual([{ ...asNew, ...block }]);
      await trunks.put({ ...trunk(tenant, 'a'), ...block, numbers: undefined });
      expect(await trunks.ofTenant(tenant)).toEqual([{ ...asNew, bulkRegistration: 'try' }]);
    });

    it('keeps what a node said of a trunk when an operator puts it again', async () => {
      const { nodeWrites, stores } = current();
      const report = { owner: 'n1', state: 'up' as const, implicitSet: ['sip:a@ims.example'] };
      await stores.trunks.put(trunk(tenant, 'a'));
      await nodeWrites.reportTrunk({ tenantId: tenant, trunkId: 'a', ...report });
      await stores.trunks.put({ ...trunk(tenant, 'a'), sealedPassword: 'kf1.y' });

      expect(await stores.trunks.ofTenant(tenant)).toEqual([
        { ...trunk(tenant, 'a'), sealedPassword: 'kf1.y', ...report },
      ]);
    });

    it('REG-6: knows a trunk with a card from one with a password, whichever it was before', async () => {
      const { trunks } = current().stores;
      await trunks.put({ ...trunk(tenant, 'a'), secretKind: 'aka' });
      expect((await trunks.ofTenant(tenant))[0]).toHaveProperty('secretKind', 'aka');

      await trunks.put(trunk(tenant, 'a'));

      expect((await trunks.ofTenant(tenant))[0]).not.toHaveProperty('secretKind');
    });
  });

  describe('REG-4: an identity at a foreign issuer', () => {
    const issuer = 'https://id.example';
    const identityOf = (subject: string, userName: string, of = tenant) => ({
      tenantId: of,
      issuer,
      subject,
      userName,
    });
    const userNameOf = (subject: string, of = tenant) =>
      current().stores.identities.userNameOf(of, { issuer, subject });

    it('is known in its tenant and at its issuer only', async () => {
      const { identities } = current().stores;
      expect(await identities.bind(identityOf('s1', 'anna'))).toBe(true);

      expect(await userNameOf('s1')).toBe('anna');
      expect(await userNameOf('s1', other)).toBeUndefined();
      expect(await userNameOf('s2')).toBeUndefined();
      const elsewhere = { issuer: 'https://id.other.example', subject: 's1' };
      expect(await identities.userNameOf(tenant, elsewhere)).toBeUndefined();
    });

    it('is written once: neither subject nor user can be had by another', async () => {
      const { identities } = current().stores;
      await identities.bind(identityOf('s1', 'anna'));

      expect(await identities.bind(identityOf('s1', 'anna'))).toBe(true);
      expect(await identities.bind(identityOf('s1', 'bert'))).toBe(false);
      expect(await identities.bind(identityOf('s2', 'anna'))).toBe(false);
      expect(await userNameOf('s1')).toBe('anna');
      expect(await userNameOf('s2')).toBeUndefined();
      expect(await identities.bind(identityOf('s1', 'bert', other))).toBe(true);
      const elsewhere = { ...identityOf('s9', 'anna'), issuer: 'https://id.other.example' };
      expect(await identities.bind(elsewhere)).toBe(true);
    });

    it('goes to exactly one of many subjects that ask for one user at once', async () => {
      const { identities } = current().stores;
      const subjects = Array.from({ length: 8 }, (_, at) => `s${String(at)}`);

      const bound = await Promise.all(
        subjects.map((subject) => identities.bind(identityOf(subject, 'anna'))),
      );

      expect(bound.filter(Boolean)).toHaveLength(1);
      expect(await userNameOf(subjects[bound.indexOf(true)] ?? '')).toBe('anna');
    });

    it('can be given up, and only by its right name', async () => {
      const { identities } = current().stores;
      await identities.bind(identityOf('s1', 'anna'));

      expect(await identities.unbind(identityOf('s1', 'bert'))).toBe(false);
      expect(await userNameOf('s1')).toBe('anna');
      expect(await identities.unbind(identityOf('s1', 'anna'))).toBe(true);
      expect(await userNameOf('s1')).toBeUndefined();
      expect(await identities.bind(identityOf('s2', 'anna'))).toBe(true);
    });

    it('uses an ID token once, however many try, until it is dead', async () => {
      const { clock, stores } = current();
      const subject = { issuer, subject: 's1' };
      const token = { jti: 'j1', ttl: inSeconds(clock, 60) };

      const uses = await Promise.all(
        Array.from({ length: 8 }, () => stores.identities.useOnce(tenant, subject, token)),
      );

      expect(uses.filter(Boolean)).toHaveLength(1);
      expect(await stores.identities.useOnce(other, subject, token)).toBe(true);
      expect(await stores.identities.useOnce(tenant, subject, { ...token, jti: 'j2' })).toBe(true);
      const another = { issuer, subject: 's2' };
      expect(await stores.identities.useOnce(tenant, another, token)).toBe(true);
    });
  });

  describe('REG-1: a binding', () => {
    const bindingOf = (userName: string, identity: string, of = tenant) => ({
      tenantId: of,
      userName,
      impu: identity,
      trunkId: 't',
    });
    const A = 'sip:a@ims.example';
    const B = 'sip:b@ims.example';
    const holding = async (of: TenantId, identities: readonly string[]) => [
      ...(await current().stores.bindings.holders(of, identities.map(impu))).keys(),
    ];

    it('is found by its user, and its identity is taken from then on', async () => {
      const { bindings } = current().stores;

      expect(await bindings.bind(bindingOf('anna', A))).toBe('bound');

      expect(await bindings.ofUser(tenant, 'anna')).toEqual(bindingOf('anna', A));
      expect(await holding(tenant, [A, B])).toEqual([A]);
    });

    it('is refused when the user has one, or the identity belongs to another', async () => {
      const { bindings } = current().stores;
      await bindings.bind(bindingOf('anna', A));

      expect(await bindings.bind(bindingOf('anna', B))).toBe('user-has-one');
      expect(await bindings.bind(bindingOf('bert', A))).toBe('impu-taken');

      expect(await bindings.ofUser(tenant, 'bert')).toBeUndefined();
      expect(await holding(tenant, [B])).toEqual([]);
    });

    it('of one tenant says nothing of another tenant', async () => {
      const { bindings } = current().stores;
      await bindings.bind(bindingOf('anna', A));

      expect(await holding(other, [A])).toEqual([]);
      expect(await bindings.ofUser(other, 'anna')).toBeUndefined();
      expect(await bindings.bind(bindingOf('anna', A, other))).toBe('bound');
    });

    it('is won by exactly one of many users who reach for it at once', async () => {
      const { bindings } = current().stores;
      const users = Array.from({ length: 12 }, (_, at) => `user${String(at)}`);

      const outcomes = await Promise.all(users.map((user) => bindings.bind(bindingOf(user, A))));

      expect(outcomes.filter((outcome) => outcome === 'bound')).toHaveLength(1);
      expect(new Set(outcomes)).toEqual(new Set(['bound', 'impu-taken']));
    });

    it('is won once by a user whose devices reach for different identities at once', async () => {
      const { bindings } = current().stores;
      const wanted = Array.from({ length: 8 }, (_, at) => `sip:${String(at)}@ims.example`);

      const outcomes = await Promise.all(
        wanted.map((one) => bindings.bind(bindingOf('anna', one))),
      );

      expect(outcomes.filter((outcome) => outcome === 'bound')).toHaveLength(1);
      const held = await holding(tenant, wanted);
      expect(held).toEqual([(await bindings.ofUser(tenant, 'anna'))?.impu]);
    });

    it('that is released rests: its last user may have it back, nobody else', async () => {
      const { clock, stores } = current();
      const { bindings } = stores;
      await bindings.bind(bindingOf('anna', A));
      const until = clock.nowMs() + 60_000;

      expect(await bindings.release(bindingOf('anna', A), until)).toBe(true);

      expect(await bindings.ofUser(tenant, 'anna')).toBeUndefined();
      expect(await holding(tenant, [A])).toEqual([A]);
      expect(await bindings.bind(bindingOf('bert', A))).toBe('impu-taken');
      expect(await bindings.bind(bindingOf('anna', A))).toBe('bound');
      expect(await bindings.bind(bindingOf('bert', A))).toBe('impu-taken');
    });

    it("that has rested is anybody's", async () => {
      const { clock, stores } = current();
      const { bindings } = stores;
      await bindings.bind(bindingOf('anna', A));
      await bindings.release(bindingOf('anna', A), clock.nowMs() + 60_000);
      clock.advance(60_000);

      expect(await holding(tenant, [A])).toEqual([]);
      expect(await bindings.bind(bindingOf('bert', A))).toBe('bound');
      expect(await bindings.bind(bindingOf('anna', A))).toBe('impu-taken');
      expect(await bindings.ofUser(tenant, 'bert')).toEqual(bindingOf('bert', A));
    });

    it('is not released once its user has come again, nor twice, nor for another', async () => {
      const { clock, stores } = current();
      const { bindings } = stores;
      const untilMs = clock.nowMs() + 1_000;
      await bindings.bind({ ...bindingOf('anna', A), usedAtMs: 5 });

      expect(await bindings.touch(bindingOf('anna', A), 7)).toBe(true);
      expect(await bindings.touch(bindingOf('anna', B), 8)).toBe(false);
      expect(await bindings.touch(bindingOf('bert', A), 8)).toBe(false);
      expect(await bindings.release({ ...bindingOf('anna', A), usedAtMs: 5 }, untilMs)).toBe(false);
      expect(await bindings.release(bindingOf('anna', A), untilMs)).toBe(false);
      expect(await bindings.release(bindingOf('bert', A), untilMs)).toBe(false);

      const used = { ...bindingOf('anna', A), usedAtMs: 7 };
      expect(await bindings.ofUser(tenant, 'anna')).toEqual(used);
      expect(await bindings.release(used, untilMs)).toBe(true);
      expect(await bindings.release(used, untilMs)).toBe(false);
    });

    it('is released and taken by one each of many who try both at once', async () => {
      const { clock, stores } = current();
      const { bindings } = stores;
      await bindings.bind(bindingOf('anna', A));
      const users = Array.from({ length: 8 }, (_, at) => `user${String(at)}`);

      const outcomes = await Promise.all(
        users.map(async (user) => {
          const isReleased = await bindings.release(bindingOf('anna', A), clock.nowMs());
          return { isReleased, outcome: await bindings.bind(bindingOf(user, A)) };
        }),
      );

      expect(outcomes.filter(({ isReleased }) => isReleased)).toHaveLength(1);
      expect(outcomes.filter(({ outcome }) => outcome === 'bound')).toHaveLength(1);
    });

    it('is looked up among more identities than one batch takes', async () => {
      const { bindings } = current().stores;
      const many = Array.from({ length: 150 }, (_, at) => `sip:${String(at)}@ims.example`);
      await bindings.bind(bindingOf('anna', 'sip:140@ims.example'));

      expect(await holding(tenant, many)).toEqual(['sip:140@ims.example']);
    });
  });

  describe('REG-3: a token', () => {
    const issue = async (sha256: string) => {
      const { clock, stores } = current();
      const nowMs = clock.nowMs();
      const times = { issuedAtMs: nowMs, expiresAtMs: nowMs + 60_000 };
      const token = { tenantId: tenant, userName: 'anna', ...times };
      await stores.tokens.put(sha256, { ...token, ttl: inSeconds(clock, 3_600) });
    };

    it('is redeemed once, and refused as used afterwards', async () => {
      const { tokens } = current().stores;
      const sha256 = fresh('hash');
      await issue(sha256);

      expect(await tokens.redeem(sha256, tenant)).toMatchObject({
        ok: true,
        value: { tenantId: tenant, userName: 'anna' },
      });
      expect(await tokens.redeem(sha256, tenant)).toEqual({ ok: false, error: 'used' });
    });

    it('is redeemed by exactly one of many who present it at once', async () => {
      const { tokens } = current().stores;
      const sha256 = fresh('hash');
      await issue(sha256);

      const all = await Promise.all(
        Array.from({ length: 20 }, () => tokens.redeem(sha256, tenant)),
      );

      expect(all.filter(({ ok }) => ok)).toHaveLength(1);
    });

    it('of another tenant is foreign, and stays redeemable by its own', async () => {
      const { tokens } = current().stores;
      const sha256 = fresh('hash');
      await issue(sha256);

      expect(await tokens.redeem(sha256, other)).toEqual({ ok: false, error: 'foreign' });
      expect((await tokens.redeem(sha256, tenant)).ok).toBe(true);
    });

    it('is refused once its time is over, and unknown when it never was', async () => {
      const { clock, stores } = current();
      const sha256 = fresh('hash');
      await issue(sha256);
      clock.advance(60_000);

      expect(await stores.tokens.redeem(sha256, tenant)).toEqual({ ok: false, error: 'expired' });
      expect(await stores.tokens.redeem(fresh('hash'), tenant)).toEqual({
        ok: false,
        error: 'unknown',
      });
    });

    it('that DynamoDB has yet to delete is as good as deleted', async () => {
      const { clock, stores } = current();
      const sha256 = fresh('hash');
      await issue(sha256);
      clock.advance(3_600_000);

      expect(await stores.tokens.redeem(sha256, tenant)).toEqual({ ok: false, error: 'unknown' });
    });
  });

  describe('a connection', () => {
    const open = async () => {
      const { clock, stores } = current();
      const id = connectionId(fresh('c='));
      const item = { connectionId: id, tenantId: tenant, sourceIp: '192.0.2.7' };
      const stored = { ...item, ttl: inSeconds(clock, 60) };
      await stores.connections.open(stored);
      return stored;
    };
    const login = () => ({ tenantId: tenant, userName: 'anna', option: 'ip-pbx' as const });

    it('notes who has logged in, until it carries a session', async () => {
      const { connections } = current().stores;
      const stored = await open();
      const id = connectionId(stored.connectionId);

      expect(await connections.logIn(id, login())).toBe(true);
      expect(await connections.get(id)).toEqual({ ...stored, login: login() });
      expect(await connections.attach(id, sessionId('s1'))).toBe(true);
      expect(await connections.get(id)).toEqual({ ...stored, sessionId: 's1' });
    });

    it('forgets log-in and session when it is cleared', async () => {
      const { connections } = current().stores;
      const stored = await open();
      const id = connectionId(stored.connectionId);
      await connections.attach(id, sessionId('s1'));
      await connections.logIn(id, login());

      await connections.clear(id);

      expect(await connections.get(id)).toEqual(stored);
    });

    it('takes nothing on once it is closed', async () => {
      const { connections } = current().stores;
      const id = connectionId((await open()).connectionId);
      await connections.close(id);

      expect(await connections.logIn(id, login())).toBe(false);
      expect(await connections.attach(id, sessionId('s1'))).toBe(false);
      await connections.clear(id);
      expect(await connections.get(id)).toBeUndefined();
    });

    it('is gone when its time is over', async () => {
      const { clock, stores } = current();
      const id = connectionId((await open()).connectionId);
      clock.advance(60_000);

      expect(await stores.connections.get(id)).toBeUndefined();
    });
  });

  describe('a session', () => {
    const C1 = connectionId('c1');
    const C2 = connectionId('c2');
    const create = async (more: Partial<SessionItem> = {}): Promise<SessionItem> => {
      const { clock, stores } = current();
      const session: SessionItem = {
        sessionId: fresh('s'),
        tenantId: tenant,
        userName: 'anna',
        option: 'token',
        resumeKeySha256: 'h',
        connectionId: C1,
        nodeId: 'n1',
        state: 'live',
        ttl: inSeconds(clock, 600),
        ...more,
      };
      await stores.sessions.create(session);
      return session;
    };
    const idOf = (session: SessionItem): SessionId => sessionId(session.sessionId);

    it('moves to a new connection, and a late detach of the old one changes nothing', async () => {
      const { clock, stores } = current();
      const session = await create();
      const ttl = inSeconds(clock, 900);

      expect(await stores.sessions.move(idOf(session), C2, ttl)).toBe(true);
      await stores.sessions.detach(idOf(session), C1);

      expect(await stores.sessions.get(idOf(session))).toEqual({
        ...session,
        connectionId: C2,
        ttl,
      });
    });

    it('has no connection once its own is detached', async () => {
      const { sessions } = current().stores;
      const { connectionId: _, ...session } = await create();

      await sessions.detach(sessionId(session.sessionId), C1);

      expect(await sessions.get(sessionId(session.sessionId))).toEqual(session);
    });

    it('that has ended cannot be moved, and is still known to have ended', async () => {
      const { clock, stores } = current();
      const session = await create();

      await stores.sessions.end(idOf(session));

      expect(await stores.sessions.move(idOf(session), C2, inSeconds(clock, 9))).toBe(false);
      expect(await stores.sessions.get(idOf(session))).toMatchObject({ state: 'ended' });
    });

    it('that never was can be ended and detached without coming into being', async () => {
      const { clock, stores } = current();
      const id = sessionId(fresh('s'));

      await stores.sessions.end(id);
      await stores.sessions.detach(id, C1);

      expect(await stores.sessions.move(id, C1, inSeconds(clock, 9))).toBe(false);
      expect(await stores.sessions.get(id)).toBeUndefined();
    });

    it('is listed with the other live ones of its user alone', async () => {
      const { clock, stores } = current();
      const first = await create();
      const second = await create();
      await stores.sessions.end(idOf(await create()));
      await create({ userName: 'bert' });
      await create({ tenantId: other });
      await create({ ttl: inSeconds(clock, -1) });

      const live = await stores.sessions.liveOf(tenant, 'anna');

      const ids = live.map((session) => session.sessionId).sort();
      expect(ids).toEqual([first.sessionId, second.sessionId].sort());
    });

    it('replays the events after a number, in order, across the change of digits', async () => {
      const { clock, nodeWrites, stores } = current();
      const session = await create();
      const ttl = inSeconds(clock, 60);
      for (const seq of [9, 11, 10, 2]) {
        await nodeWrites.appendEvent(session.sessionId, {
          tenantId: session.tenantId,
          seq,
          json: `{"seq":${String(seq)}}`,
          ttl,
        });
      }

      const events = await stores.sessions.eventsAfter(idOf(session), 2, 1_000_000);

      expect(events.map(({ seq }) => seq)).toEqual([9, 10, 11]);
    });

    it('replays no more than fits, but never nothing', async () => {
      const { clock, nodeWrites, stores } = current();
      const session = await create();
      const ttl = inSeconds(clock, 60);
      for (const seq of [1, 2, 3]) {
        const json = 'x'.repeat(100);
        const { tenantId: tenant } = session;
        await nodeWrites.appendEvent(session.sessionId, { tenantId: tenant, seq, json, ttl });
      }
      const replay = (from: number, limitBytes: number) =>
        stores.sessions.eventsAfter(idOf(session), from, limitBytes);

      expect((await replay(0, 200)).map(({ seq }) => seq)).toEqual([1, 2]);
      expect((await replay(2, 10)).map(({ seq }) => seq)).toEqual([3]);
      expect(await replay(3, 10)).toEqual([]);
    });
  });

  describe('OPS-4: the node directory', () => {
    const nodeOf = (more: Partial<NodeItem>): NodeItem => ({
      nodeId: fresh('n'),
      address: '192.0.2.20',
      port: 8443,
      certificatePem: 'pem',
      controlKey: 'key',
      epoch: 1,
      leaseUntilMs: current().clock.nowMs() + 20_000,
      capacity: 10,
      used: 0,
      state: 'up',
      ...more,
    });

    it('offers live nodes that take new work, least used first', async () => {
      const { clock, nodeWrites, stores } = current();
      const busy = nodeOf({ used: 12 });
      const idle = nodeOf({ used: 2 });
      const draining = nodeOf({ used: 0, state: 'draining' });
      const dead = nodeOf({ used: 0, leaseUntilMs: clock.nowMs() });
      for (const node of [busy, idle, draining, dead]) await nodeWrites.announce(node);

      const offered = (await stores.nodes.leastUsed(1_000)).map((node) => node.nodeId);

      const ours = offered.filter((id) =>
        [busy, idle, draining, dead].some((node) => node.nodeId === id),
      );
      expect(ours).toEqual([idle.nodeId, busy.nodeId]);
      expect(await stores.nodes.leastUsed(1)).toHaveLength(1);
    });

    it('finds a draining node, for it still has its sessions, but none whose lease lapsed', async () => {
      const { clock, nodeWrites, stores } = current();
      const draining = nodeOf({ state: 'draining' });
      await nodeWrites.announce(draining);

      expect(await stores.nodes.get(nodeId(draining.nodeId))).toEqual(draining);
      clock.advance(20_000);
      expect(await stores.nodes.get(nodeId(draining.nodeId))).toBeUndefined();
      expect(await stores.nodes.get(nodeId(fresh('n')))).toBeUndefined();
    });
  });

  describe('OPS-3: the quota of users', () => {
    const admit = (userName: string, limit: number, option: 'token' | 'ip-pbx' = 'token') =>
      current().stores.userQuota.admit({ tenant, option, userName }, limit);

    it('lets in as many as it says, however many come at once, and knows them again', async () => {
      const names = Array.from({ length: 12 }, (_, index) => `user-${String(index)}`);

      const isIn = await Promise.all(names.map((name) => admit(name, 5)));

      expect(isIn.filter(Boolean)).toHaveLength(5);
      expect(await Promise.all(names.map((name) => admit(name, 5)))).toEqual(isIn);
      expect(await admit('one-more', 6)).toBe(true);
      expect(await admit('one-more', 6, 'ip-pbx')).toBe(false);
      expect(await admit('one-more', 0)).toBe(true);
    });

    it('counts a user once, whose devices come at once', async () => {
      const isIn = await Promise.all(Array.from({ length: 8 }, () => admit('anna', 20)));

      expect(isIn).toEqual(Array.from({ length: 8 }, () => true));
      expect(await admit('bert', 2)).toBe(true);
      expect(await admit('cleo', 2)).toBe(false);
    });

    it('begins anew with the month, and is of one tenant', async () => {
      const { clock, stores } = current();
      expect(await admit('anna', 1)).toBe(true);
      expect(await admit('bert', 1)).toBe(false);
      const there = { tenant: other, option: 'token', userName: 'bert' } as const;
      expect(await stores.userQuota.admit(there, 1)).toBe(true);

      clock.advance(32 * 86_400_000);

      expect(await admit('bert', 1)).toBe(true);
    });
  });

  describe('OPS-3: the log of calls that no node took', () => {
    it('has and counts each once, however often it is written', async () => {
      const { clock, stores } = current();
      const month = new Date(clock.nowMs()).toISOString().slice(0, 7);
      const at = { startedAtMs: clock.nowMs(), endedAtMs: clock.nowMs() + 800 };
      const record: CallRecord = {
        ...{ attemptId: fresh('a'), callId: 'call-0001', tenantId: tenant, userName: 'anna' },
        ...{ sessionId: 's1', nodeId: 'n1', direction: 'outgoing', peer: 'echo', ...at },
        ...{ cause: 'internal-error', blame: 'service', code: 'node.unavailable' },
      };

      await Promise.all([1, 2, 3].map(() => stores.callLog.write(record)));
      await stores.callLog.write({ ...record, attemptId: fresh('b') });

      const found: CallRecord[] = [];
      for await (const it of stores.usage.records(tenant, month)) found.push(it);
      expect(found).toHaveLength(2);
      expect(found).toContainEqual(record);
      expect(await stores.usage.usage(tenant, month)).toMatchObject({ calls: 2, answeredCalls: 0 });
      expect(await stores.usage.usage(other, month)).toMatchObject({ calls: 0 });
    });
  });

  describe('SEC-1: the attempt counter', () => {
    it('counts every attempt of a subject in its window, also those made at once', async () => {
      const { clock, stores } = current();
      const subject = fresh('USER#acme#anna');
      const ttl = inSeconds(clock, 60);
      const count = (window: number) => stores.attempts.count(subject, window, ttl);

      const counts = await Promise.all(Array.from({ length: 10 }, () => count(7)));

      expect(counts.sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      expect(await count(8)).toBe(1);
    });

    it('takes an attempt back, and none that was never made', async () => {
      const { clock, stores } = current();
      const subject = fresh('USER#acme#anna');
      const ttl = inSeconds(clock, 60);
      await stores.attempts.count(subject, 7, ttl);
      await stores.attempts.count(subject, 7, ttl);

      await stores.attempts.forgive(subject, 7);
      await stores.attempts.forgive(subject, 9);

      expect(await stores.attempts.count(subject, 7, ttl)).toBe(2);
      expect(await stores.attempts.count(subject, 9, ttl)).toBe(1);
    });
  });

  describe('SES-8: the request journal', () => {
    const named = (connection: string, requestId = 'r1') => ({
      tenantId: 'acme',
      connection: connectionId(connection),
      requestId,
    });

    it('lets one of many equal requests begin, and has its answer once it is given', async () => {
      const { journal } = current().stores;
      const request = named(fresh('c='));

      const begun = await Promise.all(Array.from({ length: 8 }, () => journal.begin(request)));

      expect(begun.filter(Boolean)).toHaveLength(1);
      expect(await journal.answerTo(request)).toBeUndefined();
      await journal.finish(request, '{"re":"r1","ok":{}}');
      expect(await journal.answerTo(request)).toBe('{"re":"r1","ok":{}}');
    });

    it('keeps requests of other connections and other ids apart', async () => {
      const { journal } = current().stores;
      const connection = fresh('c=');
      await journal.begin(named(connection));

      expect(await journal.begin(named(connection, 'r2'))).toBe(true);
      expect(await journal.begin(named(fresh('c=')))).toBe(true);
      expect(await journal.begin(named(connection))).toBe(false);
    });
  });
}
