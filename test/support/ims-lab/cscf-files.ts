import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What the configurations leave open, by the name they have in double braces. */
export type CscfVariables = Readonly<Record<string, string>>;

export const CSCF_ROLES = ['pcscf', 'icscf', 'scscf'] as const;
export type CscfRole = (typeof CSCF_ROLES)[number];

const CONFIGURATIONS = new URL('kamailio/', import.meta.url);

/** Debian puts modules under the machine's multiarch folder, others straight under lib. */
const MODULE_FOLDERS = [
  '/usr/lib/x86_64-linux-gnu/kamailio/modules/',
  '/usr/lib/aarch64-linux-gnu/kamailio/modules/',
  '/usr/lib64/kamailio/modules/',
  '/usr/lib/kamailio/modules/',
];

export function moduleFolder(): string {
  const folder = MODULE_FOLDERS.find((each) => existsSync(join(each, 'ims_icscf.so')));
  if (folder === undefined) {
    throw new Error(
      'Kamailio has no IMS modules: apt-get install --no-install-recommends kamailio-ims-modules kamailio-presence-modules',
    );
  }
  return folder;
}

export const fill = (template: string, variables: CscfVariables): string =>
  template.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = variables[name];
    if (value === undefined) throw new Error(`No value for ${name}`);
    return value;
  });

/**
 * One Diameter peer and one route to it. Names may be address literals, so no resolver is
 * asked. A lost peer is called again after Tc seconds only.
 */
const DIAMETER = `<?xml version="1.0" encoding="UTF-8"?>
<DiameterPeer FQDN="{{OWN_HOST}}" Realm="{{DOMAIN}}" Vendor_Id="10415" Product_Name="lab"
  AcceptUnknownPeers="0" DropUnknownOnDisconnect="1" Tc="2" Workers="2" QueueLength="32"
  ConnectTimeout="3" TransactionTimeout="5" SessionsHashSize="128"
  DefaultAuthSessionTimeout="60" MaxAuthSessionTimeout="300">
  <Peer FQDN="{{HSS_HOST}}" Realm="{{DOMAIN}}" port="{{HSS_PORT}}"/>
  <Auth id="16777216" vendor="10415"/>
  <Auth id="16777216" vendor="0"/>
  <SupportedVendor vendor="10415"/>
  <DefaultRoute FQDN="{{HSS_HOST}}" metric="10"/>
</DiameterPeer>
`;

/** The I-CSCF's tables, for db_text: a colon separates columns, one in a value is escaped. */
const icscfTables = (scscfName: string): Readonly<Record<string, string>> => ({
  version:
    'table_name(string) table_version(int)\nnds_trusted_domains:1\ns_cscf:1\ns_cscf_capabilities:1\n',
  nds_trusted_domains: 'id(int,auto) trusted_domain(string)\n',
  s_cscf: `id(int,auto) name(string) s_cscf_uri(string)\n1:scscf:${scscfName.replaceAll(':', '\\:')}\n`,
  s_cscf_capabilities: 'id(int,auto) id_s_cscf(int) capability(int)\n1:1:1\n',
});

const writeAll = (folder: string, files: Readonly<Record<string, string>>): Promise<unknown> =>
  Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)));

/** Writes everything the three servers read into one folder. */
export async function writeCscfFiles(
  dir: string,
  variables: CscfVariables & { readonly SCSCF_NAME: string },
): Promise<void> {
  const known = { ...variables, DIR: dir, MODULES: moduleFolder() };
  await mkdir(join(dir, 'tables'));
  await writeAll(join(dir, 'tables'), icscfTables(variables.SCSCF_NAME));
  const configurations = await Promise.all(
    CSCF_ROLES.map(async (role) => {
      const template = await readFile(new URL(`${role}.cfg`, CONFIGURATIONS), 'utf8');
      return [`${role}.cfg`, fill(template, known)] as const;
    }),
  );
  await writeAll(dir, Object.fromEntries(configurations));
  await writeAll(dir, {
    'icscf-diameter.xml': fill(DIAMETER, { ...known, OWN_HOST: variables['ICSCF_HOST'] ?? '' }),
    'scscf-diameter.xml': fill(DIAMETER, { ...known, OWN_HOST: variables['SCSCF_HOST'] ?? '' }),
  });
}
