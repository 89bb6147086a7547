export default function startLake(): void {}
