/** `1.2 s`, `4 min 10 s`, `2 h 5 min`. @param elapsed in milliseconds */
export function printDuration(elapsed: number): string {
  if (elapsed < 59_950) return `${(elapsed / 1000).toFixed(1)} s`;
  const seconds = Math.round(elapsed / 1000);
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes} min ${seconds % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
