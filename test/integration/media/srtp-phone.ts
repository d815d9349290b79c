import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PHONE_HOST, writeBaresipProgram } from '../../support/ims-lab/baresip-files.ts';
import { startChild } from '../../support/ims-lab/child.ts';
import { findFreePort } from '../../support/ims-lab/free-port.ts';
import { requireTools } from '../../support/ims-lab/required-tools.ts';

/** A baresip that speaks SRTP in one way or not at all, called without any core between. */
export class SrtpPhone {
  readonly #socket: Socket;
  readonly #sipPort: number;
  readonly #stopPhone: () => Promise<void>;
  readonly #output: () => string;
  #dialog: { readonly to: string; readonly target: string } | undefined;

  private constructor(
    socket: Socket,
    phone: {
      readonly sipPort: number;
      readonly stop: () => Promise<void>;
      readonly output: () => string;
    },
  ) {
    this.#socket = socket;
    this.#sipPort = phone.sipPort;
    this.#stopPhone = phone.stop;
    this.#output = phone.output;
  }

  static async start(encryption: 'srtp-mand' | 'dtls_srtp'): Promise<SrtpPhone> {
    requireTools(['baresip', 'setpriv']);
    const dir = await mkdtemp(join(tmpdir(), 'srtp-baresip-'));
    const [sipPort, rtpPort] = [await findFreePort(PHONE_HOST), await findFreePort(PHONE_HOST)];
    const account = `<sip:bob@${PHONE_HOST}:${String(sipPort)}>;regint=0;answermode=auto;mediaenc=${encryption};audio_codecs=PCMA/8000/1;rtcp_mux=no`;
    await writeBaresipProgram(dir, { sipPort, rtpPort, toneHz: 440, encryption, account });
    const child = await startChild({
      command: 'baresip',
      args: ['-f', dir, '-v', '-t', '120'],
      cwd: dir,
    });
    const socket = createSocket('udp4').bind(0, PHONE_HOST);
    await once(socket, 'listening');
    const stop = async (): Promise<void> => {
      await child.stop();
      await rm(dir, { recursive: true, force: true });
    };
    return new SrtpPhone(socket, { sipPort, stop, output: () => child.output() });
  }

  /** Offers, and returns the answer of the 200. */
  async call(offer: string): Promise<string> {
    const answered = new Promise<string>((resolve, reject) => {
      this.#socket.on('message', (bytes) => {
        const text = bytes.toString();
        if (text.startsWith('SIP/2.0 200') && text.includes('INVITE')) resolve(text);
        else if (/^SIP\/2\.0 [3-6]/.test(text)) reject(new Error(text.split('\r\n')[0]));
      });
    });
    const repeat = setInterval(() => {
      // It may not listen yet; UDP is for asking again.
      this.#send('INVITE', { offer });
    }, 500);
    this.#send('INVITE', { offer });
    const response = await answered.finally(() => {
      clearInterval(repeat);
    });
    const header = (name: string) =>
      new RegExp(`^${name}: *(.*)$`, 'im').exec(response)?.[1]?.trim() ?? '';
    const target = /<([^>]+)>/.exec(header('Contact'))?.[1] ?? '';
    this.#dialog = { to: header('To'), target };
    this.#send('ACK');
    return response.slice(response.indexOf('\r\n\r\n') + 4);
  }

  /** Packets sent and received, as the phone counts them after the call. */
  async hangUp(): Promise<{ readonly sent: number; readonly received: number }> {
    this.#send('BYE', { cseq: 2 });
    for (;;) {
      const found = /packets:\s+(\d+)\s+(\d+)/.exec(this.#output());
      if (found) return { sent: Number(found[1]), received: Number(found[2]) };
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async stop(): Promise<void> {
    this.#socket.close();
    await this.#stopPhone();
  }

  #send(method: string, { offer = '', cseq = 1 }: { offer?: string; cseq?: number } = {}): void {
    const own = `${PHONE_HOST}:${String(this.#socket.address().port)}`;
    const phone = `sip:bob@${PHONE_HOST}:${String(this.#sipPort)}`;
    const branch = method === 'INVITE' ? 'z9hG4bKcall' : `z9hG4bK${method}`;
    const lines = [
      `${method} ${this.#dialog?.target ?? phone} SIP/2.0`,
      `Via: SIP/2.0/UDP ${own};branch=${branch};rport`,
      'Max-Forwards: 70',
      'From: <sip:node@127.0.0.1>;tag=node1',
      `To: ${this.#dialog?.to ?? `<${phone}>`}`,
      'Call-ID: srtp-call',
      `CSeq: ${String(cseq)} ${method}`,
      `Contact: <sip:node@${own}>`,
      ...(offer ? ['Content-Type: application/sdp'] : []),
      `Content-Length: ${String(Buffer.byteLength(offer))}`,
    ];
    this.#socket.send(`${lines.join('\r\n')}\r\n\r\n${offer}`, this.#sipPort, PHONE_HOST);
  }
}
