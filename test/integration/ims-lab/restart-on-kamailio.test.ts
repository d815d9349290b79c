import { type ImsLab, startImsLab } from '../../support/ims-lab/ims-lab.ts';
import { ManyAccounts } from '../../support/many-accounts.ts';

const USERS = 40;
const PER_S = 10;
/** So many may be under way before the first has arrived. */
const AHEAD = 10;
/** Everyone twice would be one. */
const STORM = 1.5;
/** Whoever fails on a busy machine comes again after 30 to 60 s (RFC 5626 §4.5). */
const WITHIN_MS = 90_000;

const people = Array.from({ length: USERS }, (_, index) => ({
  ...{ impi: `u${String(index)}@ims.test`, impu: `sip:u${String(index)}@ims.test` },
  password: `pw-${String(index)}`,
}));

describe('REG-8, SES-7: a real core that is killed with its users registered, and comes back', () => {
  let lab: ImsLab;
  let users: ManyAccounts;

  beforeAll(async () => {
    const subscribers = people.map(({ impu, ...who }) => ({ ...who, impus: [impu] }));
    lab = await startImsLab({ subscribers });
    users = new ManyAccounts();
  });
  afterAll(async () => {
    await users.close();
    await lab.stop();
  });

  it('has every one of them again, who came one after another, and without a second storm', async () => {
    users.register(people, { pcscf: [lab.pcscf], registrationsPerS: PER_S });
    expect(await users.until(USERS, WITHIN_MS)).toBe(true);
    await lab.crash();
    expect(await users.until(0, WITHIN_MS)).toBe(true);
    const before = lab.hss.requests().length;

    await lab.restart();
    expect(await users.until(USERS, WITHIN_MS)).toBe(true);

    // The S-CSCF asks the HSS at each attempt to register; once more where an answer came before it
    // had stored what it had asked.
    const begunMs = lab.hss
      .requests()
      .slice(before)
      .flatMap(({ atMs, kind }) => (kind === 'mar' ? [atMs] : []));
    const tookMs = Math.max(...begunMs) - Math.min(...begunMs);
    expect(begunMs.length).toBeGreaterThanOrEqual(USERS);
    expect(begunMs.length).toBeLessThan(STORM * USERS);
    expect(tookMs).toBeGreaterThan(((USERS - AHEAD) / PER_S - 1) * 1_000);
    const bound = await Promise.all(people.map(({ impu }) => lab.scscfContacts(impu)));
    expect(bound.map(({ length }) => length)).toEqual(people.map(() => 1));
  }, 300_000);
});
