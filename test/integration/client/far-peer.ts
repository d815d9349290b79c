import type { Browser, Page } from 'playwright-core';
import { closeTab, openTab } from '../../e2e/support/browser-windows.ts';

interface FarWindow extends Window {
  peer?: RTCPeerConnection;
  gathered?: () => Promise<void>;
}

/** The node's part of the media, played by a peer connection of another tab that hums 440 Hz. */
export class FarPeer {
  readonly #page: Page;

  private constructor(page: Page) {
    this.#page = page;
  }

  static async start(browser: Browser, url: string): Promise<FarPeer> {
    const page = await openTab(browser);
    await page.goto(`${url}/favicon.ico`);
    await page.evaluate(async () => {
      // Chromium shows real addresses only to pages that may listen.
      await navigator.mediaDevices.getUserMedia({ audio: true });
      const peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
      const audio = new AudioContext();
      const hum = audio.createOscillator();
      hum.frequency.value = 440;
      const out = audio.createMediaStreamDestination();
      hum.connect(out);
      hum.start();
      const [track] = out.stream.getAudioTracks();
      if (track) peer.addTrack(track, out.stream);
      // What nobody plays is not decoded, and has no loudness.
      const player = new Audio();
      peer.ontrack = ({ track }) => {
        player.srcObject = new MediaStream([track]);
        void player.play();
      };
      const far = window as FarWindow;
      far.peer = peer;
      far.gathered = () =>
        new Promise((resolve) => {
          const look = (): void => {
            if (peer.iceGatheringState === 'complete') resolve();
            else setTimeout(look, 20);
          };
          look();
        });
    });
    return new FarPeer(page);
  }

  /** Candidates are in the description: the node never trickles. */
  offer(): Promise<string> {
    return this.#page.evaluate(async () => {
      const { peer, gathered } = window as FarWindow;
      await peer?.setLocalDescription(await peer.createOffer());
      await gathered?.();
      return peer?.localDescription?.sdp ?? '';
    });
  }

  answer(offer: string): Promise<string> {
    return this.#page.evaluate(async (sdp) => {
      const { peer, gathered } = window as FarWindow;
      await peer?.setRemoteDescription({ type: 'offer', sdp });
      await peer?.setLocalDescription(await peer.createAnswer());
      await gathered?.();
      return peer?.localDescription?.sdp ?? '';
    }, offer);
  }

  takeAnswer(sdp: string): Promise<void> {
    return this.#page.evaluate(
      async (answer) =>
        (window as FarWindow).peer?.setRemoteDescription({ type: 'answer', sdp: answer }),
      sdp,
    );
  }

  addCandidates(candidates: readonly { readonly candidate: string }[]): Promise<void> {
    return this.#page.evaluate(
      async (lines) => {
        for (const candidate of lines) {
          await (window as FarWindow).peer?.addIceCandidate({ candidate, sdpMLineIndex: 0 });
        }
      },
      candidates.map((it) => it.candidate).filter((it) => it !== ''),
    );
  }

  /** Loudness and packets of what came from the phone so far. */
  heard(): Promise<{ readonly packets: number; readonly energy: number }> {
    return this.#page.evaluate(async () => {
      const report = await (window as FarWindow).peer?.getStats();
      for (const [, entry] of report ?? []) {
        const { type, packetsReceived, totalAudioEnergy } = entry as RTCInboundRtpStreamStats;
        if (type !== 'inbound-rtp') continue;
        return { packets: packetsReceived ?? 0, energy: totalAudioEnergy ?? 0 };
      }
      return { packets: 0, energy: 0 };
    });
  }

  connection(): Promise<string> {
    return this.#page.evaluate(() => (window as FarWindow).peer?.connectionState ?? '');
  }

  close(): Promise<void> {
    return closeTab(this.#page);
  }
}
