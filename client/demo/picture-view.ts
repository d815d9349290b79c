import type { Call } from '../src/ims-phone.ts';
import { element, show } from './elements.ts';

export interface PictureView {
  /** Of the call in front. */
  show(call: Call | undefined): void;
}

/** The pictures of a call, and what turns them on and off. */
export function createPictureView(): PictureView {
  const frame = element('pictures', HTMLElement);
  const remote = element('remote-picture', HTMLVideoElement);
  const own = element('own-picture', HTMLVideoElement);
  const camera = element('camera', HTMLButtonElement);
  let current: Call | undefined;

  camera.onclick = () => current?.setCamera(!current.video.camera);
  element('end-video', HTMLButtonElement).onclick = () => current?.endVideo();
  element('answer-video', HTMLButtonElement).onclick = () => current?.accept({ video: true });
  const arrange = (): void => {
    for (const player of [remote, own]) show(player, player.videoWidth > 0);
    show(frame, !(remote.hidden && own.hidden));
  };
  // Once there is something to be seen, and when there is no more.
  remote.onresize = arrange;
  own.onresize = arrange;
  return {
    show(call) {
      current = call?.phase === 'ended' ? undefined : call;
      const isSeen = current?.phase === 'active' && !current.held.byUs;
      put(remote, isSeen ? current?.video.remote : undefined);
      put(own, current?.held.byUs ? undefined : current?.video.own);
      arrange();
      camera.ariaPressed = String(current?.video.camera ?? false);
    },
  };
}

function put(player: HTMLVideoElement, picture: MediaStream | undefined): void {
  const source = picture ?? null;
  if (player.srcObject === source) return;
  player.srcObject = source;
  // A muted player may begin by itself; it only complains where the picture goes before that.
  if (source) player.play().catch(() => undefined);
}
