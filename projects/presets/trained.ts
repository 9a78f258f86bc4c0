import type { PresetResult } from '../../main/contract/run.ts'

/** Made by npm run presets:table from projects/presets/results; by DOMAIN/ID. */
export const trained: Readonly<Record<string, PresetResult[]>> = {
  'genomics/mamba-small': [
    {"data":"Lambda phage genome","score":1.974,"unit":"bits per base","baseline":{"name":"order-3 Markov chain","value":1.982},"better":true,"steps":525,"seconds":6.738,"memoryBytes":60447788,"device":"NVIDIA H100 80GB HBM3 (Vulkan)"},
  ],
  'genomics/mamba-nano': [
    {"data":"Lambda phage genome","score":1.97,"unit":"bits per base","baseline":{"name":"order-3 Markov chain","value":1.982},"better":true,"steps":500,"seconds":3.783,"memoryBytes":23553068,"device":"NVIDIA H100 80GB HBM3 (Vulkan)"},
  ],
  'genomics/strands-small': [
    {"data":"Lambda phage genome","score":1.89,"unit":"bits per base","baseline":{"name":"order-0 entropy","value":2},"better":true,"steps":1000,"seconds":24.21,"memoryBytes":73283904,"device":"NVIDIA H100 80GB HBM3 (Vulkan)"},
  ],
  'genomics/hybrid-small': [
    {"data":"Lambda phage genome","score":1.973,"unit":"bits per base","baseline":{"name":"order-3 Markov chain","value":1.982},"better":true,"steps":475,"seconds":12.98,"memoryBytes":66625580,"device":"NVIDIA H100 80GB HBM3 (Vulkan)"},
  ],
  'audio/mamba-small': [
    {"data":"Guitar and piano","score":1.802,"unit":"bits per sample","baseline":{"name":"2-gram","value":3.001},"better":true,"steps":1000,"seconds":13.49,"memoryBytes":71181356,"device":"NVIDIA H100 80GB HBM3 (Vulkan)"},
  ],
  'audio/mamba-nano': [
    {"data":"Guitar and piano","score":1.968,"unit":"bits per sample","baseline":{"name":"2-gram","value":3.001},"better":true,"steps":800,"seconds":5.472,"memoryBytes":24231468,"device":"NVIDIA H100 80GB HBM3 (Vulkan)"},
  ],
  'audio/sashimi-small': [
    {"data":"Guitar and piano","score":2.446,"unit":"bits per sample","baseline":{"name":"2-gram","value":3.001},"better":true,"steps":1000,"seconds":49.09,"memoryBytes":49228844,"device":"NVIDIA H100 80GB HBM3 (Vulkan)"},
  ],
  'timeseries/mamba-small': [
    {"data":"Seattle weather by the hour","score":0.07683,"unit":"MSE","baseline":{"name":"repeat the last value","value":0.2745},"better":true,"steps":1450,"seconds":12.65,"memoryBytes":9520040,"device":"NVIDIA H100 80GB HBM3 (Vulkan)"},
  ],
  'timeseries/mamba-nano': [
    {"data":"Seattle weather by the hour","score":0.04802,"unit":"MSE","baseline":{"name":"repeat the last value","value":0.2254},"better":true,"steps":600,"seconds":2.788,"memoryBytes":2347304,"device":"NVIDIA H100 80GB HBM3 (Vulkan)"},
  ],
  'timeseries/mamba-base': [
    {"data":"Seattle weather by the hour","score":0.07926,"unit":"MSE","baseline":{"name":"repeat the last value","value":0.2745},"better":true,"steps":1300,"seconds":27.32,"memoryBytes":41072680,"device":"NVIDIA H100 80GB HBM3 (Vulkan)"},
  ],
  'timeseries/transformer-small': [
    {"data":"Seattle weather by the hour","score":0.08364,"unit":"MSE","baseline":{"name":"repeat the last value","value":0.2745},"better":true,"steps":1500,"seconds":26.93,"memoryBytes":14044588,"device":"NVIDIA H100 80GB HBM3 (Vulkan)"},
  ],
  'timeseries/lstm-small': [
    {"data":"Seattle weather by the hour","score":0.08334,"unit":"MSE","baseline":{"name":"repeat the last value","value":0.2745},"better":true,"steps":1500,"seconds":14.92,"memoryBytes":7550060,"device":"CPU, 2 threads, SIMD with FMA"},
  ],
  'text/mamba-small': [
    {"data":"Tiny Shakespeare","score":1.521,"unit":"nats per character","baseline":{"name":"5-gram","value":1.669},"better":true,"steps":1200,"seconds":16.85,"memoryBytes":94496812,"device":"NVIDIA H100 80GB HBM3 (Vulkan)"},
  ],
  'text/mamba-nano': [
    {"data":"Tiny Shakespeare","score":1.715,"unit":"nats per character","baseline":{"name":"5-gram","value":1.669},"better":false,"steps":1000,"seconds":7.004,"memoryBytes":30907436,"device":"NVIDIA H100 80GB HBM3 (Vulkan)"},
  ],
  'text/mamba-base': [
    {"data":"Tiny Shakespeare","score":1.536,"unit":"nats per character","baseline":{"name":"5-gram","value":1.669},"better":true,"steps":3000,"seconds":298.6,"memoryBytes":952545324,"device":"NVIDIA H100 80GB HBM3 (Vulkan)"},
  ],
  'text/transformer-small': [
    {"data":"Tiny Shakespeare","score":1.64,"unit":"nats per character","baseline":{"name":"5-gram","value":1.669},"better":true,"steps":1200,"seconds":42.54,"memoryBytes":101845036,"device":"NVIDIA H100 80GB HBM3 (Vulkan)"},
  ],
  'text/slstm-small': [
    {"data":"Tiny Shakespeare","score":1.616,"unit":"nats per character","baseline":{"name":"5-gram","value":1.669},"better":true,"steps":1200,"seconds":18.83,"memoryBytes":71960620,"device":"NVIDIA H100 80GB HBM3 (Vulkan)"},
  ],
  'text/xlstm-small': [
    {"data":"Tiny Shakespeare","score":1.551,"unit":"nats per character","baseline":{"name":"5-gram","value":1.669},"better":true,"steps":1200,"seconds":57.74,"memoryBytes":131698220,"device":"NVIDIA H100 80GB HBM3 (Vulkan)"},
  ],
  'genomics/s4d-classify': [
    {"data":"Splice junctions","score":0.931,"unit":"share right","baseline":{"name":"ridge regression on one-hot bases","value":0.9561},"better":false,"steps":1000,"seconds":32.52,"memoryBytes":24947764,"device":"NVIDIA H100 80GB HBM3 (Vulkan)"},
    {"data":"E. coli σ70 promoters","score":0.8945,"unit":"share right","baseline":{"name":"naive Bayes on 4-mers","value":0.8971},"better":false,"steps":775,"seconds":8.062,"memoryBytes":32854324,"device":"NVIDIA H100 80GB HBM3 (Vulkan)"},
  ],
  'genomics/mamba-classify': [
    {"data":"Splice junctions","score":0.7367,"unit":"share right","baseline":{"name":"ridge regression on one-hot bases","value":0.9561},"better":false,"steps":600,"seconds":13.38,"memoryBytes":29088940,"device":"NVIDIA H100 80GB HBM3 (Vulkan)"},
    {"data":"E. coli σ70 promoters","score":0.901,"unit":"share right","baseline":{"name":"naive Bayes on 4-mers","value":0.8971},"better":true,"steps":575,"seconds":7.784,"memoryBytes":39294380,"device":"NVIDIA H100 80GB HBM3 (Vulkan)"},
  ],
  'genomics/mamba-classify-nano': [
    {"data":"Splice junctions","score":0.5078,"unit":"share right","baseline":{"name":"ridge regression on one-hot bases","value":0.9561},"better":false,"steps":300,"seconds":3.831,"memoryBytes":11196076,"device":"NVIDIA H100 80GB HBM3 (Vulkan)"},
    {"data":"E. coli σ70 promoters","score":0.8086,"unit":"share right","baseline":{"name":"naive Bayes on 4-mers","value":0.8971},"better":false,"steps":300,"seconds":1.698,"memoryBytes":15214124,"device":"NVIDIA H100 80GB HBM3 (Vulkan)"},
  ],
  'audio/s4d-classify': [
    {"data":"Spoken digits","score":0.9633,"unit":"share right","baseline":{"name":"1 nearest neighbour on spectra","value":0.9433},"better":true,"steps":1500,"seconds":1369,"memoryBytes":163762348,"device":"CPU, 2 threads, 256-bit SIMD with FMA"},
    {"data":"Spoken digits by speaker","score":0.616,"unit":"share right","baseline":{"name":"1 nearest neighbour on spectra","value":0.38},"better":true,"steps":1200,"seconds":30.5,"memoryBytes":172047284,"device":"NVIDIA H100 80GB HBM3 (Vulkan)"},
  ],
  'timeseries/s4d-classify': [
    {"data":"GunPoint","score":0.9133,"unit":"share right","baseline":{"name":"1 nearest neighbour","value":0.9},"better":true,"steps":600,"seconds":8.33,"memoryBytes":33097908,"device":"NVIDIA H100 80GB HBM3 (Vulkan)"},
    {"data":"Italy power demand","score":0.7114,"unit":"share right","baseline":{"name":"1 nearest neighbour","value":0.9592},"better":false,"steps":600,"seconds":7.492,"memoryBytes":7531956,"device":"NVIDIA H100 80GB HBM3 (Vulkan)"},
    {"data":"Basic motions","score":0.925,"unit":"share right","baseline":{"name":"1 nearest neighbour","value":0.575},"better":true,"steps":600,"seconds":9.063,"memoryBytes":23782068,"device":"NVIDIA H100 80GB HBM3 (Vulkan)"},
  ],
  'timeseries/mamba-classify': [
    {"data":"GunPoint","score":0.8667,"unit":"share right","baseline":{"name":"1 nearest neighbour","value":0.9},"better":false,"steps":525,"seconds":6.031,"memoryBytes":71036716,"device":"NVIDIA H100 80GB HBM3 (Vulkan)"},
    {"data":"Italy power demand","score":0.7425,"unit":"share right","baseline":{"name":"1 nearest neighbour","value":0.9592},"better":false,"steps":225,"seconds":2.914,"memoryBytes":12582444,"device":"NVIDIA H100 80GB HBM3 (Vulkan)"},
    {"data":"Basic motions","score":1,"unit":"share right","baseline":{"name":"1 nearest neighbour","value":0.575},"better":true,"steps":600,"seconds":5.504,"memoryBytes":48729900,"device":"NVIDIA H100 80GB HBM3 (Vulkan)"},
  ],
  'timeseries/mamba-classify-nano': [
    {"data":"GunPoint","score":0.6933,"unit":"share right","baseline":{"name":"1 nearest neighbour","value":0.9},"better":false,"steps":300,"seconds":3.32,"memoryBytes":27702828,"device":"NVIDIA H100 80GB HBM3 (Vulkan)"},
    {"data":"Italy power demand","score":0.723,"unit":"share right","baseline":{"name":"1 nearest neighbour","value":0.9592},"better":false,"steps":250,"seconds":1.177,"memoryBytes":4701740,"device":"NVIDIA H100 80GB HBM3 (Vulkan)"},
    {"data":"Basic motions","score":1,"unit":"share right","baseline":{"name":"1 nearest neighbour","value":0.575},"better":true,"steps":300,"seconds":2.428,"memoryBytes":18969900,"device":"NVIDIA H100 80GB HBM3 (Vulkan)"},
  ],
  'text/mamba-classify': [
    {"data":"TREC questions","score":0.828,"unit":"share right","baseline":{"name":"naive Bayes on words","value":0.746},"better":true,"steps":600,"seconds":7.355,"memoryBytes":93214252,"device":"NVIDIA H100 80GB HBM3 (Vulkan)"},
  ],
  'text/mamba-classify-nano': [
    {"data":"TREC questions","score":0.718,"unit":"share right","baseline":{"name":"naive Bayes on words","value":0.746},"better":false,"steps":300,"seconds":3.278,"memoryBytes":36443180,"device":"NVIDIA H100 80GB HBM3 (Vulkan)"},
  ],
}
