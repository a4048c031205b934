import { describe, expect, it } from 'vitest'
import { paletteOf } from './palette'

type Triple = [number, number, number]

/** How colours are seen: by most, and without one of the three kinds of cones (Machado, Oliveira and Fernandes 2009). */
const VISIONS: Record<string, Triple[]> = {
  trichromat: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanope: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranope: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanope: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
}
/** In CIELAB 2.3 is just noticeable. */
const MIN_DISTANCE = 15
/** Of graphics, by WCAG 1.4.11. */
const MIN_CONTRAST = 3

describe.each(['light', 'dark'] as const)('the colours of the %s theme', (scheme) => {
  const { colors, surface } = paletteOf(scheme)

  it.each(Object.entries(VISIONS))('are told apart by a %s', (_name, vision) => {
    const seen = colors.map((color) => labOf(seenAs(linear(color), vision)))
    const distances = seen.flatMap((one, at) =>
      seen.slice(at + 1).map((other) => Math.hypot(...one.map((value, i) => value - other[i]!))),
    )
    expect(colors).toHaveLength(8)
    expect(Math.min(...distances)).toBeGreaterThan(MIN_DISTANCE)
  })

  it('stand out from the surface', () => {
    for (const color of colors) {
      const [light, dark] = [color, surface].map((each) => luminance(linear(each)) + 0.05).sort((a, b) => b - a)
      expect(light! / dark!, color).toBeGreaterThan(MIN_CONTRAST)
    }
  })
})

function linear(hex: string): Triple {
  const channel = (at: number) => {
    const value = parseInt(hex.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }
  return [channel(1), channel(3), channel(5)]
}

function seenAs(color: Triple, vision: Triple[]): Triple {
  return vision.map((row) => Math.min(1, Math.max(0, dot(row, color)))) as Triple
}

function labOf(color: Triple): Triple {
  const root = (value: number) => (value > 0.008856 ? Math.cbrt(value) : 7.787 * value + 16 / 116)
  const x = root(dot([0.4124564, 0.3575761, 0.1804375], color) / 0.95047)
  const y = root(luminance(color))
  const z = root(dot([0.0193339, 0.119192, 0.9503041], color) / 1.08883)
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)]
}

function luminance(color: Triple): number {
  return dot([0.2126729, 0.7151522, 0.072175], color)
}

function dot(a: Triple, b: Triple): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}
