import { DeviceSlot } from './open-device.ts';

/** Enough for a face on a screen, and little enough for a mobile uplink. */
const PICTURE = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } };

export const createCameraSlot = (): DeviceSlot =>
  new DeviceSlot(async (id) => {
    const stream = await navigator.mediaDevices.getUserMedia({
      video: { ...PICTURE, ...(id !== undefined && { deviceId: { exact: id } }) },
    });
    const [track] = stream.getVideoTracks();
    if (!track) throw new DOMException('no video track', 'NotFoundError');
    return track;
  });
