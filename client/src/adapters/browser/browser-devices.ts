import type { Device, DeviceKind, Devices } from '../../ports/devices.ts';
import type { DeviceSlot } from './open-device.ts';
import type { SpeakerSlot } from './speaker-slot.ts';

export interface DeviceSlots {
  readonly microphone: DeviceSlot;
  readonly camera: DeviceSlot;
  readonly speaker: SpeakerSlot;
}

const KINDS: Readonly<Record<MediaDeviceKind, DeviceKind>> = {
  audioinput: 'microphone',
  videoinput: 'camera',
  audiooutput: 'speaker',
};
/** Chromium lists these besides the devices they stand for; before it may tell, with no id at all. */
const NO_DEVICES = ['', 'default', 'communications'];

export function createBrowserDevices(slots: DeviceSlots): Devices {
  const list = async (): Promise<readonly Device[]> => {
    const known = await navigator.mediaDevices.enumerateDevices();
    return known
      .filter(({ deviceId }) => !NO_DEVICES.includes(deviceId))
      .map(({ deviceId, kind, label }) => ({ id: deviceId, kind: KINDS[kind], name: label }))
      .filter(({ kind }) => kind !== 'speaker' || 'setSinkId' in HTMLMediaElement.prototype);
  };
  return {
    list,
    chosen: (kind) => slots[kind].id,
    async choose(kind, id) {
      const isThere = (it: Device): boolean => it.kind === kind && it.id === id;
      if (id !== undefined && !(await list()).some(isThere)) {
        throw new DOMException(`no ${kind} ${id}`, 'NotFoundError');
      }
      await slots[kind].choose(id);
    },
    watch(onChange) {
      const { mediaDevices } = navigator;
      mediaDevices.addEventListener('devicechange', onChange);
      return () => {
        mediaDevices.removeEventListener('devicechange', onChange);
      };
    },
  };
}
