import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Every Debian package that the tests need, and how to see that it is there. */
const TOOLS = [
  { name: 'chromium', debian: 'chromium', isThere: () => onPath('chromium') },
  { name: 'kamailio', debian: 'kamailio', isThere: () => onPath('kamailio') },
  {
    name: 'kamailio IMS modules',
    debian: 'kamailio-ims-modules',
    isThere: () => kamailioModule('ims_icscf.so'),
  },
  {
    name: 'kamailio presence modules',
    debian: 'kamailio-presence-modules',
    isThere: () => kamailioModule('presence.so'),
  },
  { name: 'baresip', debian: 'baresip-core', isThere: () => onPath('baresip') },
  { name: 'linphone', debian: 'linphone-cli', isThere: () => onPath('linphonec') },
  { name: 'sipp', debian: 'sip-tester', isThere: () => onPath('sipp') },
  { name: 'ip', debian: 'iproute2', isThere: () => onPath('ip') },
  { name: 'a C compiler', debian: 'gcc', isThere: () => onPath('cc') },
  { name: 'headers of the C library', debian: 'libc6-dev', isThere: () => header('stdio.h') },
  { name: 'libopus', debian: 'libopus-dev', isThere: () => header('opus/opus.h') },
  {
    name: 'vo-amrwbenc',
    debian: 'libvo-amrwbenc-dev',
    isThere: () => header('vo-amrwbenc/enc_if.h'),
  },
  {
    name: 'opencore-amrwb',
    debian: 'libopencore-amrwb-dev',
    isThere: () => header('opencore-amrwb/dec_if.h'),
  },
  {
    name: 'opencore-amrnb',
    debian: 'libopencore-amrnb-dev',
    isThere: () => header('opencore-amrnb/interf_enc.h'),
  },
  { name: 'libvpx', debian: 'libvpx-dev', isThere: () => header('vpx/vp8cx.h') },
  { name: 'openh264', debian: 'libopenh264-dev', isThere: () => header('wels/codec_api.h') },
  { name: 'espeak-ng', debian: 'espeak-ng', isThere: () => onPath('espeak-ng') },
  { name: 'ffmpeg', debian: 'ffmpeg', isThere: () => onPath('ffmpeg') },
  { name: 'turnserver', debian: 'coturn', isThere: () => onPath('turnserver') },
  { name: 'java', debian: 'default-jre-headless', isThere: () => onPath('java') },
];

const CODECS =
  /^(gcc|libc6-dev|libopus|libvo|libopencore|libvpx|libopenh264|ffmpeg|espeak-ng|default-jre)/;

/** Which tools a kind of test starts; the others start none. */
const NEEDED_BY = {
  contract: TOOLS.filter(({ debian }) => CODECS.test(debian)).map(({ name }) => name),
  integration: TOOLS.filter(({ name }) => name !== 'java').map(({ name }) => name),
  e2e: TOOLS.filter(({ name }) => name !== 'java').map(({ name }) => name),
};

export function missingTools(projects) {
  const names = new Set(projects.flatMap((project) => NEEDED_BY[project] ?? []));
  return TOOLS.filter((tool) => names.has(tool.name) && !tool.isThere());
}

/** One command for everything, so that nobody meets the second missing tool after the first. */
export const installCommand = () =>
  `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${debianPackages().join(' ')}`;

export const debianPackages = () => TOOLS.map((tool) => tool.debian);

const FOLDERS = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'];

const onPath = (command) => FOLDERS.some((folder) => existsSync(join(folder, command)));

const header = (file) => existsSync(join('/usr/include', file));

function kamailioModule(file) {
  const roots = ['/usr/lib', ...architectures().map((name) => join('/usr/lib', name))];
  return roots.some((root) => existsSync(join(root, 'kamailio/modules', file)));
}

const architectures = () =>
  existsSync('/usr/lib') ? readdirSync('/usr/lib').filter((name) => name.includes('linux')) : [];
