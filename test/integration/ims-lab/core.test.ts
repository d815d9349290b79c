import { readdir, rm } from 'node:fs/promises';
import { type ImsLab, startImsLab } from '../../support/ims-lab/ims-lab.ts';
import { openUeFlow } from '../../support/ims-lab/open-ue-flow.ts';
import { runSipp, startSipp } from '../../support/ims-lab/sipp.ts';
import type { SippRun } from '../../support/ims-lab/sipp-process.ts';
import type { UeFlow } from '../../support/ims-lab/ue-flow.ts';

const USERS = ['alice', 'bob', 'pbx', 'carol', 'dave', 'erin'] as const;
type User = (typeof USERS)[number];

const IMPUS: Readonly<Record<User, readonly string[]>> = {
  alice: ['sip:alice@ims.test', 'tel:+15550001'],
  bob: ['sip:bob@ims.test', 'tel:+15550002', 'sip:sales@ims.test'],
  pbx: ['sip:pbx@ims.test', 'sip:web!.*!@ims.test'],
  carol: ['sip:carol@ims.test', 'tel:+15550003'],
  dave: ['sip:dave@ims.test'],
  erin: ['sip:erin@ims.test'],
};

describe('the IMS lab', () => {
  let lab: ImsLab;
  /** Each user is one phone; alice, bob and pbx stay registered. */
  let flows: Readonly<Record<User, UeFlow>>;

  const phoneOf = (user: User) => ({ lab, user, flow: flows[user] });
  const register = (user: User, expiresS = 600): Promise<SippRun> =>
    runSipp({ ...phoneOf(user), scenario: 'register', password: `pw-${user}`, expiresS });
  const call = (user: User, target: string, preferred?: string): Promise<SippRun> =>
    runSipp({
      ...phoneOf(user),
      scenario: 'call',
      target,
      talkMs: 100,
      ...(preferred === undefined ? {} : { preferred }),
    });
  const refused = (user: User, target: string, status: number): Promise<SippRun> =>
    runSipp({ ...phoneOf(user), scenario: 'call-refused', target, status });
  const answering = (user: User) => startSipp({ ...phoneOf(user), scenario: 'answer-echo' });

  beforeAll(async () => {
    lab = await startImsLab({
      subscribers: USERS.map((user) => ({
        impi: `${user}@ims.test`,
        password: `pw-${user}`,
        impus: IMPUS[user],
      })),
    });
    const opened = USERS.map(async (user) => [user, await openUeFlow(lab, 'udp')] as const);
    flows = Object.fromEntries(await Promise.all(opened)) as Record<User, UeFlow>;
    for (const user of ['alice', 'bob', 'pbx'] as const) await register(user);
  });
  afterAll(async () => {
    await lab.stop();
    for (const flow of Object.values(flows)) flow.close();
  });

  it('registers whoever has the password, and forgets who leaves', async () => {
    const run = await register('carol');

    expect(run).toMatchObject({ exitCode: 0 });
    expect(run.messages).toContain('P-Associated-URI: <sip:carol@ims.test>, <tel:+15550003>');
    await expect(lab.scscfContacts('tel:+15550003')).resolves.toHaveLength(1);

    await register('carol', 0);

    await lab.untilContacts('tel:+15550003', 0);
    expect(lab.hss.state().subscribers).toContainEqual({
      impi: 'carol@ims.test',
      isRegistered: false,
      scscfName: undefined,
    });
  });

  it('refuses a wrong password', async () => {
    const run = await runSipp({
      ...phoneOf('dave'),
      scenario: 'register-refused',
      password: 'wrong',
    });

    expect(run).toMatchObject({ exitCode: 0 });
    expect(run.messages).not.toContain('SIP/2.0 200');
  });

  it.each([
    'sip:bob@ims.test',
    'tel:+15550002',
    'sip:+15550002@ims.test;user=phone',
    'sip:sales@ims.test',
  ])('carries a call to %s and tells bob that he was called so', async (target) => {
    const callee = await answering('bob');

    expect(await call('alice', target)).toMatchObject({ exitCode: 0 });

    const answered = await callee.done;
    expect(answered).toMatchObject({ exitCode: 0 });
    expect(answered.log).toContain(`caller= <sip:alice@ims.test> called= <${target}>`);
  });

  it.each([
    ['one of the implicit set is asserted', 'tel:+15550001', 'tel:+15550001'],
    ["another user's is replaced by the default", 'sip:bob@ims.test', 'sip:alice@ims.test'],
  ])('a preferred identity: %s', async (_, preferred, asserted) => {
    const callee = await answering('bob');

    await call('alice', 'sip:bob@ims.test', preferred);

    expect((await callee.done).log).toContain(`caller= <${asserted}>`);
  });

  it('reaches a user of a wildcarded identity', async () => {
    const callee = await answering('pbx');

    expect(await call('alice', 'sip:web17@ims.test')).toMatchObject({ exitCode: 0 });

    expect((await callee.done).log).toContain('called= <sip:web17@ims.test>');
  });

  it('lets a user of a wildcarded identity call under it', async () => {
    const callee = await answering('alice');

    const run = await call('pbx', 'sip:alice@ims.test', 'sip:web17@ims.test');

    expect(run).toMatchObject({ exitCode: 0 });
    expect((await callee.done).log).toContain('caller= <sip:web17@ims.test>');
  });

  it('tells the caller that the callee is busy', async () => {
    const callee = await startSipp({ ...phoneOf('bob'), scenario: 'busy' });

    expect(await refused('alice', 'sip:bob@ims.test', 486)).toMatchObject({ exitCode: 0 });

    expect(await callee.done).toMatchObject({ exitCode: 0 });
  });

  it.each([
    ['an unregistered user', 'sip:dave@ims.test', 480],
    ['an unknown user', 'sip:nobody@ims.test', 604],
    ['a foreign domain', 'sip:bob@elsewhere.test', 404],
  ])('refuses a call to %s', async (_, target, status) => {
    expect(await refused('alice', target, status)).toMatchObject({ exitCode: 0 });
  });

  it('refuses a call that ignores the Service-Route', async () => {
    const run = await runSipp({
      ...phoneOf('alice'),
      scenario: 'call-refused',
      target: 'sip:bob@ims.test',
      route: '',
      status: 400,
    });

    expect(run).toMatchObject({ exitCode: 0 });
  });

  it('refuses a call over a flow nobody registered', async () => {
    expect(await refused('dave', 'sip:bob@ims.test', 403)).toMatchObject({ exitCode: 0 });
  });

  it('a sipp that hears something else says what it heard, and what it waited for', async () => {
    const failure = await call('alice', 'sip:dave@ims.test').then(() => '', String);

    const [, kept = ''] = /is kept in (\S+)$/.exec(failure) ?? [];
    expect(failure).toContain("while expecting '180' (index 2), received 'SIP/2.0 480");
    expect(failure).toMatch(/-> INVITE sip:dave@ims\.test SIP\/2\.0 \(1 INVITE\)/);
    expect(failure).toMatch(/<- SIP\/2\.0 480 [^\n]* \(1 INVITE\)/);
    expect(await readdir(kept)).toContainEqual(expect.stringMatching(/_messages\.log$/));
    await rm(kept, { recursive: true });
  });

  it('ends a registration when the HSS says so', async () => {
    await register('erin');

    lab.hss.terminate('erin@ims.test');

    await lab.untilContacts('sip:erin@ims.test', 0);
    expect(await refused('erin', 'sip:bob@ims.test', 403)).toMatchObject({ exitCode: 0 });
  });
});
