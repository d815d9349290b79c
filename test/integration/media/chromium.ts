import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, chromium, type Page } from 'playwright-core';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-fake-device-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
];

export interface ChromiumOptions {
  /** A WAV file that its microphone hears over and over. */
  readonly sound?: string;
  /** SHA-256 of a public key (SPKI), in base64: its certificate is taken for valid. */
  readonly trusts?: string;
  /** False: it has no microphone, and so hides the addresses of its machine (RFC 8828). */
  readonly mayListen?: boolean;
}

export interface InboundVideo {
  readonly received: number;
  readonly lost: number;
  readonly codec: string;
  readonly decoded: number;
  /** Of ours for what did not come: for a packet, and for a whole picture. */
  readonly nacks: number;
  readonly plis: number;
}

export interface InboundAudio {
  readonly received: number;
  readonly lost: number;
  readonly codec: string;
  readonly energy: number;
}

/** The members of `getStats` reports that are looked at; the DOM types leave them out. */
interface Report {
  readonly id: string;
  readonly type: string;
  readonly kind?: string;
  readonly codecId?: string;
  readonly mimeType?: string;
  readonly packetsReceived?: number;
  readonly packetsLost?: number;
  readonly totalAudioEnergy?: number;
  readonly roundTripTime?: number;
  readonly framesDecoded?: number;
  readonly keyFramesEncoded?: number;
  readonly nackCount?: number;
  readonly pliCount?: number;
}

/** A page with one peer connection; everything a softphone does with it, nothing else. */
export class ChromiumPhone {
  readonly #browser: Browser;
  readonly #server: Server;
  readonly #page: Page;

  private constructor(browser: Browser, server: Server, page: Page) {
    this.#browser = browser;
    this.#server = server;
    this.#page = page;
  }

  static async open(options: ChromiumOptions = {}): Promise<ChromiumPhone> {
    const { sound, trusts, mayListen = true } = options;
    const server = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html');
      response.end('<!doctype html><title>phone</title>');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const flags = [
      ...FLAGS,
      ...(mayListen ? ['--use-fake-ui-for-media-stream'] : []),
      ...(sound ? [`--use-file-for-fake-audio-capture=${sound}`] : []),
      ...(trusts ? [`--ignore-certificate-errors-spki-list=${trusts}`] : []),
    ];
    const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: flags });
    const page = await browser.newPage();
    await page.goto(`http://localhost:${String((server.address() as AddressInfo).port)}/`);
    return new ChromiumPhone(browser, server, page);
  }

  /** A fresh connection with the fake microphone; `withVideo` adds a camera to be refused. */
  async connect(
    options: {
      stunUrl?: string;
      withVideo?: boolean;
      withData?: boolean;
      /** Of the codecs, Opus alone. */
      asOpus?: boolean;
      withCamera?: boolean;
      /** Of the formats of video, this alone. */
      onlyVideo?: 'VP8' | 'H264';
      /** Nothing goes but by it. */
      relay?: { urls: string; username: string; credential: string };
    } = {},
  ): Promise<void> {
    const { stunUrl, relay, ...wanted } = options;
    const iceServers = [...(stunUrl ? [{ urls: stunUrl }] : []), ...(relay ? [relay] : [])];
    const iceTransportPolicy = relay ? ('relay' as const) : ('all' as const);
    const given = { ...wanted, iceServers, iceTransportPolicy };
    await this.#page.evaluate(
      async ({ withVideo, withData, asOpus, withCamera, onlyVideo, ...ice }) => {
        const pc = new RTCPeerConnection({ ...ice, bundlePolicy: 'max-bundle' });
        const media = await navigator.mediaDevices.getUserMedia({
          // What a page does to a voice is not ours to be judged by.
          audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
          video: withCamera === true,
        });
        const tracks = media.getTracks().sort((a, b) => (a.kind < b.kind ? -1 : 1));
        for (const track of tracks) pc.addTrack(track, media);
        if (asOpus) {
          const known = RTCRtpReceiver.getCapabilities('audio')?.codecs ?? [];
          const wanted = known.filter((it) => /opus|telephone-event/.test(it.mimeType));
          pc.getTransceivers()[0]?.setCodecPreferences(wanted);
        }
        if (onlyVideo) {
          const known = RTCRtpReceiver.getCapabilities('video')?.codecs ?? [];
          const wanted = known.filter((it) => it.mimeType === `video/${onlyVideo}`);
          const camera = pc.getTransceivers().find((it) => it.sender.track?.kind === 'video');
          camera?.setCodecPreferences(wanted);
        }
        if (withVideo) pc.addTransceiver('video');
        if (withData) pc.createDataChannel('chat');
        const candidates: string[] = [];
        pc.onicecandidate = ({ candidate }) => {
          if (candidate) candidates.push(candidate.candidate);
        };
        pc.ontrack = ({ track }) => {
          const player = document.createElement(track.kind === 'video' ? 'video' : 'audio');
          player.muted = track.kind === 'video';
          player.srcObject = new MediaStream([track]);
          void player.play();
        };
        Object.assign(window, { pc, candidates });
      },
      given,
    );
  }

  /** Its microphone is a tone from now on: none is asked for. */
  async hum(): Promise<void> {
    await this.#page.evaluate(() => {
      const context = new AudioContext();
      const tone = new OscillatorNode(context, { frequency: 440 });
      const out = new MediaStreamAudioDestinationNode(context);
      tone.connect(out);
      tone.start();
      navigator.mediaDevices.getUserMedia = () => Promise.resolve(out.stream);
    });
  }

  /** Without its candidates: they trickle. */
  offer(): Promise<string> {
    return this.#page.evaluate(async () => {
      const { pc } = window as unknown as { pc: RTCPeerConnection };
      const offer = await pc.createOffer();
      await pc.setLocalDescription(offer);
      return offer.sdp ?? '';
    });
  }

  /** Another offer, for another way. */
  restart(): Promise<string> {
    return this.#page.evaluate(async () => {
      const { pc } = window as unknown as { pc: RTCPeerConnection };
      await pc.setLocalDescription(await pc.createOffer({ iceRestart: true }));
      return pc.localDescription?.sdp ?? '';
    });
  }

  takeAnswer(sdp: string): Promise<void> {
    return this.#page.evaluate(async (text) => {
      const { pc } = window as unknown as { pc: RTCPeerConnection };
      await pc.setRemoteDescription({ type: 'answer', sdp: text });
    }, sdp);
  }

  answer(sdp: string): Promise<string> {
    return this.#page.evaluate(async (text) => {
      const { pc } = window as unknown as { pc: RTCPeerConnection };
      await pc.setRemoteDescription({ type: 'offer', sdp: text });
      await pc.setLocalDescription();
      return pc.localDescription?.sdp ?? '';
    }, sdp);
  }

  async candidates(): Promise<string[]> {
    await this.#page.waitForFunction(
      () => (window as unknown as { candidates: string[] }).candidates.length > 0,
    );
    return this.#page.evaluate(() => (window as unknown as { candidates: string[] }).candidates);
  }

  wait(ms: number): Promise<void> {
    return this.#page.waitForTimeout(ms);
  }

  /** The browser is done a moment after the node: our last flight is what it waits for. */
  async waitUntilConnected(): Promise<void> {
    await this.#page.waitForFunction(
      () => (window as unknown as { pc: RTCPeerConnection }).pc.connectionState === 'connected',
    );
  }

  /** Waits until so many packets more than now have come. */
  async hear(packets: number): Promise<InboundAudio> {
    const before = (await this.inbound())?.received ?? 0;
    for (;;) {
      const now = await this.inbound();
      if (now && now.received >= before + packets) return now;
      await this.#page.waitForTimeout(50);
    }
  }

  inbound(): Promise<InboundAudio | undefined> {
    return this.#page.evaluate(async () => {
      const { pc } = window as unknown as { pc: RTCPeerConnection };
      const reports = [...((await pc.getStats()) as unknown as Map<string, Report>).values()];
      const inbound = reports.find((it) => it.type === 'inbound-rtp' && it.kind === 'audio');
      if (!inbound) return undefined;
      return {
        received: inbound.packetsReceived ?? 0,
        lost: inbound.packetsLost ?? 0,
        energy: inbound.totalAudioEnergy ?? 0,
        codec: String(reports.find((it) => it.id === inbound.codecId)?.mimeType),
      };
    });
  }

  /** Waits until so many pictures have been decoded. */
  async see(pictures: number): Promise<InboundVideo> {
    for (;;) {
      const now = await this.#inboundVideo();
      if (now && now.decoded >= pictures) return now;
      await this.#page.waitForTimeout(50);
    }
  }

  #inboundVideo(): Promise<InboundVideo | undefined> {
    return this.#page.evaluate(async () => {
      const { pc } = window as unknown as { pc: RTCPeerConnection };
      const reports = [...((await pc.getStats()) as unknown as Map<string, Report>).values()];
      const inbound = reports.find((it) => it.type === 'inbound-rtp' && it.kind === 'video');
      if (!inbound) return undefined;
      return {
        received: inbound.packetsReceived ?? 0,
        lost: inbound.packetsLost ?? 0,
        decoded: inbound.framesDecoded ?? 0,
        nacks: inbound.nackCount ?? 0,
        plis: inbound.pliCount ?? 0,
        codec: String(reports.find((it) => it.id === inbound.codecId)?.mimeType),
      };
    });
  }

  async keyFramesSent(): Promise<number> {
    return this.#page.evaluate(async () => {
      const { pc } = window as unknown as { pc: RTCPeerConnection };
      const reports = [...((await pc.getStats()) as unknown as Map<string, Report>).values()];
      const sent = reports.find((it) => it.type === 'outbound-rtp' && it.kind === 'video');
      return sent?.keyFramesEncoded ?? 0;
    });
  }

  async roundTripS(): Promise<number | undefined> {
    return this.#page.evaluate(async () => {
      const { pc } = window as unknown as { pc: RTCPeerConnection };
      const reports = [...((await pc.getStats()) as unknown as Map<string, Report>).values()];
      return reports.find((it) => it.type === 'remote-inbound-rtp')?.roundTripTime;
    });
  }

  /** Dials once the sender may; presses one key after the other. */
  async press(keys: string): Promise<void> {
    await this.#page.evaluate((tones) => {
      const { pc } = window as unknown as { pc: RTCPeerConnection };
      pc.getSenders()[0]?.dtmf?.insertDTMF(tones, 100, 50);
    }, keys);
  }

  /** What is heard from now on, one channel of 16 kHz. */
  async record(seconds: number): Promise<Int16Array> {
    const text = await this.#page.evaluate(async (length) => {
      const { pc } = window as unknown as { pc: RTCPeerConnection };
      const context = new AudioContext({ sampleRate: 16_000 });
      await context.resume();
      // The graph hands every block it plays to a worklet, which posts it back.
      const code = `registerProcessor('tap', class extends AudioWorkletProcessor {
        process([[block]]) { if (block) this.port.postMessage(block.slice()); return true; }
      })`;
      await context.audioWorklet.addModule(
        URL.createObjectURL(new Blob([code], { type: 'text/javascript' })),
      );
      const track = pc.getReceivers()[0]?.track;
      const source = context.createMediaStreamSource(new MediaStream(track ? [track] : []));
      const tap = new AudioWorkletNode(context, 'tap');
      const heard: number[] = [];
      await new Promise<void>((resolve) => {
        tap.port.onmessage = ({ data }: MessageEvent<Float32Array>) => {
          for (const it of data) heard.push(Math.round(it * 32_767));
          if (heard.length >= length * 16_000) resolve();
        };
        source.connect(tap).connect(context.destination);
      });
      await context.close();
      return heard.join(',');
    }, seconds);
    return Int16Array.from(text.split(','), Number);
  }

  async hangUp(): Promise<void> {
    await this.#page.evaluate(() => {
      (window as unknown as { pc: RTCPeerConnection }).pc.close();
    });
  }

  async close(): Promise<void> {
    await this.#browser.close();
    this.#server.close();
  }
}
