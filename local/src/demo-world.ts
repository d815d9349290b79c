import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NewSubscription } from '@isthmus/functions/use-cases/provision';
import type { RegistrationOption } from '@isthmus/shared/domain/registration-option';
import type { TenantItem, TrunkItem } from '@isthmus/shared/store/items';
import type { ImsSubscriber } from './ims/ims-types.ts';

/** A user of the demo, as printed at start. */
export interface DemoUser {
  readonly tenant: string;
  readonly option: RegistrationOption;
  readonly userName: string;
  readonly password: string;
  /** The IMS subscription behind a token. */
  readonly vault?: { readonly impu: string; readonly impi: string; readonly password: string };
}

export interface DemoTenant {
  readonly tenant: string;
  readonly domain: string;
  readonly trunk: NewSubscription & Pick<TrunkItem, 'bulkRegistration' | 'numbers'>;
  /** More trunks, by their names. */
  readonly moreTrunks?: Readonly<Record<string, DemoTenant['trunk']>>;
  /** What differs from the tenants of the demo. */
  readonly settings?: Partial<Pick<TenantItem, 'showImpu' | 'impiRule' | 'bindings'>>;
  readonly media?: TenantItem['ims']['media'];
}

/** Two operators' customers and their subscribers: what `npm start` shows. */
export interface DemoWorld {
  readonly tenants: readonly DemoTenant[];
  readonly users: readonly DemoUser[];
  readonly subscribers: readonly ImsSubscriber[];
}

const PEOPLE = {
  coast: { pbx: ['amira', 'bela'], same: ['dora', 'emil'], token: ['fern', 'goran'] },
  harbour: { pbx: ['hana', 'ivo'], same: ['jaro', 'kaia'], token: ['lena', 'milan'] },
} as const;

type TenantName = keyof typeof PEOPLE;
type Passwords = Record<string, string>;

/** The same people and passwords at every start with the same folder. */
export async function loadDemoWorld(dataDir: string): Promise<DemoWorld> {
  const file = join(dataDir, 'demo-passwords.json');
  await mkdir(dataDir, { recursive: true });
  const passwords = await readPasswords(file);
  const passwordOf = (who: string): string => (passwords[who] ??= randomBytes(6).toString('hex'));
  const tenants = Object.keys(PEOPLE) as TenantName[];
  const worlds = tenants.map((tenant) => worldOf(tenant, passwordOf));
  await writeFile(file, JSON.stringify(passwords, null, 2), { mode: 0o600 });
  return {
    tenants: worlds.map((world) => world.tenant),
    users: worlds.flatMap((world) => world.users),
    subscribers: worlds.flatMap((world) => world.subscribers),
  };
}

function worldOf(tenant: TenantName, passwordOf: (who: string) => string) {
  const domain = `${tenant}.example`;
  const { pbx, same, token } = PEOPLE[tenant];
  const trunk = {
    impu: `sip:pbx@${domain}`,
    impi: `pbx@${domain}`,
    password: passwordOf(`pbx@${domain}`),
  };
  const subscriptionOf = (name: string) => ({
    impu: `sip:${name}@${domain}`,
    impi: `${name}@${domain}`,
    password: passwordOf(`${name}@${domain}`),
  });
  const users: DemoUser[] = [
    ...pbx.map((userName) => ({
      tenant,
      option: 'ip-pbx' as const,
      userName,
      password: passwordOf(`${tenant}/${userName}`),
    })),
    ...same.map((name) => {
      const { impu, password } = subscriptionOf(name);
      return { tenant, option: 'same-credentials' as const, userName: impu, password };
    }),
    ...token.map((userName) => ({
      tenant,
      option: 'token' as const,
      userName,
      password: passwordOf(`${tenant}/${userName}`),
      vault: subscriptionOf(userName),
    })),
  ];
  const subscribers: ImsSubscriber[] = [
    {
      domain,
      impi: trunk.impi,
      password: trunk.password,
      impus: [trunk.impu, `sip:desk1@${domain}`, `sip:web!.*!@${domain}`],
    },
    ...[...same, ...token].map((name) => {
      const { impu, impi, password } = subscriptionOf(name);
      return { domain, impi, password, impus: [impu] };
    }),
  ];
  return { tenant: { tenant, domain, trunk }, users, subscribers };
}

async function readPasswords(file: string): Promise<Passwords> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Passwords;
  } catch {
    // The first start in this folder; a damaged file is written anew, and the users with it.
    return {};
  }
}
