/** Places: equal names and distances. */

/** Channels write 上海, 上海市 and ' Shanghai': the suffix of the administrative level and the case say nothing. */
export function samePlace(a: string, b: string): boolean {
  const known = placeKey(a);
  return known !== '' && known === placeKey(b);
}

function placeKey(name: string): string {
  const trimmed = name.trim().toLowerCase();
  return trimmed.length > 2 ? trimmed.replace(/[省市]$/, '') : trimmed;
}

interface Place {
  city: string;
  province: string;
}

export function sameCity(a: Place, b: Place): boolean {
  return samePlace(a.city, b.city) && sameProvince(a, b);
}

export function sameProvince(a: Place, b: Place): boolean {
  return samePlace(a.province, b.province);
}

const EARTH_RADIUS_KM = 6371.0088;

interface Position {
  latitude?: number;
  longitude?: number;
}

/** Great circle (haversine) in metres' precision; undefined where a coordinate is missing. */
export function distanceKm(a: Position, b: Position): number | undefined {
  const [latitudeA, longitudeA, latitudeB, longitudeB] = [
    a.latitude,
    a.longitude,
    b.latitude,
    b.longitude,
  ].map((degrees) => (typeof degrees === 'number' ? (degrees * Math.PI) / 180 : Number.NaN)) as [
    number,
    number,
    number,
    number,
  ];
  const haversine =
    Math.sin((latitudeB - latitudeA) / 2) ** 2 +
    Math.cos(latitudeA) * Math.cos(latitudeB) * Math.sin((longitudeB - longitudeA) / 2) ** 2;
  if (Number.isNaN(haversine)) return undefined;
  // Rounded: the last bits of sine and cosine may differ between machines, and a replay must not.
  return Math.round(2000 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(haversine)))) / 1000;
}
