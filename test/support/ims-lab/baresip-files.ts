import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImsLab } from './ims-lab.ts';

export type BaresipCodec = 'AMR-WB' | 'AMR' | 'opus' | 'G722' | 'PCMA' | 'PCMU';

/** What it protects media by, and talks to nobody without. */
type Encryption = 'dtls_srtp' | 'dtls_srtpf' | 'srtp-mand';

export interface BaresipProgram {
  readonly sipPort: number;
  readonly rtpPort: number;
  /** Where it is steered from; nobody does where absent. */
  readonly ctrlPort?: number;
  readonly toneHz: number;
  /** A WAV file, 48 kHz in stereo, said instead of the tone from the start of a call. */
  readonly sound?: string;
  readonly encryption?: Encryption;
}

export interface BaresipFileOptions extends BaresipProgram {
  readonly lab: ImsLab;
  readonly user: string;
  readonly password: string;
  readonly codecs: readonly BaresipCodec[];
  readonly answer: 'auto' | 'manual';
  readonly transport: 'udp' | 'tcp';
}

const ENCRYPTION_MODULES: Readonly<Record<Encryption, string>> = {
  dtls_srtp: 'dtls_srtp',
  dtls_srtpf: 'dtls_srtp',
  'srtp-mand': 'srtp',
};

const RATES: Readonly<Record<BaresipCodec, string>> = {
  'AMR-WB': 'AMR-WB/16000/1',
  AMR: 'AMR/8000/1',
  opus: 'opus/48000/2',
  G722: 'G722/16000/1',
  PCMA: 'PCMA/8000/1',
  PCMU: 'PCMU/8000/1',
};

export const PHONE_HOST = '127.0.0.1';

function account(options: BaresipFileOptions): string {
  const { lab, user, password, transport } = options;
  return [
    `<sip:${user}@${lab.domain};transport=${transport}>`,
    `auth_user=${user}@${lab.domain}`,
    `auth_pass=${password}`,
    `outbound="sip:${lab.pcscf.host}:${String(lab.pcscf.port)};transport=${transport}"`,
    'regint=600',
    `answermode=${options.answer}`,
    'rtcp_mux=no',
    'ptime=20',
    ...(options.encryption ? [`mediaenc=${options.encryption}`] : []),
    `audio_codecs=${options.codecs.map((codec) => RATES[codec]).join(',')}`,
  ].join(';');
}

const steered = (port: number): string =>
  `module_app ctrl_tcp.so\nctrl_tcp_listen ${PHONE_HOST}:${String(port)}`;

// The tone generator plays at 48 kHz in stereo only: with anything else a call is never
// answered. The interface is given by address, or the SDP names the machine's real one.
const configuration = (options: BaresipProgram, dir: string): string => `
poll_method epoll
net_interface ${PHONE_HOST}
sip_listen ${PHONE_HOST}:${String(options.sipPort)}
call_local_timeout 120
call_max_calls 10
audio_path /usr/share/baresip
audio_source ${options.sound ? `aufile,${options.sound}` : `ausine,${String(options.toneHz)}`}
audio_player aubridge,sink
audio_alert aubridge,alert
ausrc_srate 48000
auplay_srate 48000
ausrc_channels 2
auplay_channels 2
rtp_ports ${String(options.rtpPort)}-${String(options.rtpPort + 20)}
rtcp_mux no
rtp_stats yes
snd_path ${dir}
module_path /usr/lib/baresip/modules
module amr.so
module opus.so
module g722.so
module g711.so
module ausine.so
module aufile.so
module aubridge.so
module sndfile.so
${options.encryption ? `module ${ENCRYPTION_MODULES[options.encryption]}.so` : ''}
module_tmp uuid.so
module_tmp account.so
module_app menu.so
${options.ctrlPort === undefined ? '' : steered(options.ctrlPort)}
`;

/** The two files baresip starts from. */
export async function writeBaresipProgram(
  dir: string,
  program: BaresipProgram & { readonly account: string },
): Promise<void> {
  await writeFile(join(dir, 'config'), configuration(program, dir));
  await writeFile(join(dir, 'accounts'), `${program.account}\n`);
}

/** Of a phone of the lab. */
export const writeBaresipFiles = (dir: string, options: BaresipFileOptions): Promise<void> =>
  writeBaresipProgram(dir, { ...options, account: account(options) });
