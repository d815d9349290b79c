import type { DemoUser, DemoWorld } from '../../local/src/demo-world.ts';

export const TENANT = 'bench';
/** The one the real core serves. */
export const DOMAIN = 'ims.test';
const PASSWORD = 'for a benchmark';

const personOf = (name: string) => ({
  impu: `sip:${name}@${DOMAIN}`,
  impi: `${name}@${DOMAIN}`,
  password: PASSWORD,
  domain: DOMAIN,
});

/** A phone that is IMS's own: the other side of a call. */
export const farAccount = (index: number) => personOf(`far${String(index)}`);

/** Each user has an IMS subscription of its own, hence a registration of its own. */
export const userOf = (index: number): DemoUser => ({
  tenant: TENANT,
  option: 'same-credentials',
  userName: personOf(`user${String(index)}`).impu,
  password: PASSWORD,
});

export function benchWorld(users: number, farPhones: number): DemoWorld {
  const trunk = personOf('pbx');
  const people = [
    ...Array.from({ length: users }, (_, index) => personOf(`user${String(index)}`)),
    ...Array.from({ length: farPhones }, (_, index) => farAccount(index)),
    trunk,
  ];
  return {
    tenants: [{ tenant: TENANT, domain: DOMAIN, trunk }],
    users: Array.from({ length: users }, (_, index) => userOf(index)),
    subscribers: people.map(({ impu, ...who }) => ({ ...who, impus: [impu] })),
  };
}
