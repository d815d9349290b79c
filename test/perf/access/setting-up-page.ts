import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { launchChromium } from '../../e2e/support/phone-page.ts';

/** The clients of the access benchmark: peer connections of one headless Chromium. */
export interface SettingUpPage {
  /** With its candidates in it. */
  offer(call: number): Promise<string>;
  /** Resolves when ICE and DTLS are done. */
  connect(call: number, answer: string): Promise<void>;
  close(call: number): Promise<void>;
  end(): Promise<void>;
}

declare global {
  interface Window {
    peers: Map<number, RTCPeerConnection>;
  }
}

export async function openSettingUpPage(): Promise<SettingUpPage> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<!doctype html><title>access</title>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const browser = await launchChromium();
  const context = await browser.newContext({ permissions: ['microphone'] });
  const page = await context.newPage();
  await page.goto(`http://localhost:${String((server.address() as AddressInfo).port)}/`);
  await prepare(page);
  return {
    offer: (call) => page.evaluate(offerOf, call),
    connect: (call, answer) => page.evaluate(connected, { call, answer }),
    close: (call) => page.evaluate((it) => window.peers.get(it)?.close(), call),
    async end() {
      await browser.close();
      server.close();
    },
  };
}

/** Whoever may use the microphone shows real addresses instead of mDNS names. */
async function prepare(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await navigator.mediaDevices.getUserMedia({ audio: true });
    window.peers = new Map();
  });
}

async function offerOf(call: number): Promise<string> {
  const peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
  window.peers.set(call, peer);
  peer.addTransceiver('audio');
  await peer.setLocalDescription(await peer.createOffer());
  while (peer.iceGatheringState !== 'complete') await new Promise((done) => setTimeout(done, 2));
  return peer.localDescription?.sdp ?? '';
}

async function connected({ call, answer }: { call: number; answer: string }): Promise<void> {
  const peer = window.peers.get(call);
  await peer?.setRemoteDescription({ type: 'answer', sdp: answer });
  const until = performance.now() + 10_000;
  while (peer?.connectionState !== 'connected') {
    if (performance.now() > until)
      throw new Error(`not connected: ${String(peer?.connectionState)}`);
    await new Promise((done) => setTimeout(done, 2));
  }
}
