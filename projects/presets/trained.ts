import type { PresetResult } from '../../main/contract/run.ts'

/** Made by npm run presets:table from projects/presets/results; by DOMAIN/ID. */
export const trained: Readonly<Record<string, PresetResult[]>> = {
  'genomics/mamba-small': [
    {"data":"Lambda phage genome","score":1.974,"unit":"bits per base","baseline":{"name":"order-3 Markov chain","value":1.982},"better":true,"steps":525,"seconds":6.738,"memoryBytes":60447788,"device":"NVIDIA H100 80GB HBM3 (Vulkan)"},
  ],
  'genomics/mamba-nano': [
    {"data":"Lambda phage genome","score":1.97,"unit":"bits per base","baseline":{"name":"order-3 Markov chain","value":1.982},"better":true,"steps":500,"seconds":3.783,"memoryBytes":23553068,"device":"NVIDIA H100 80GB HBM3 (Vulkan)"},
  ],
  'genomics/mamba-base': [
    {"data":"Lambda phage genome","score":2.047,"unit":"bits per base","baseline":{"name":"order-3 Markov chain","value":1.982},"better":false,"steps":1200,"seconds":180.9,"memoryBytes":1342288936,"device":"NVIDIA H100 80GB HBM3 (Vulkan)"},
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
  'audio/mamba-base': [
    {"data":"Guitar and piano","score":2.086,"unit":"bits per sample","baseline":{"name":"2-gram","value":3.001},"better":true,"steps":600,"seconds":168,"memoryBytes":2647569448,"device":"NVIDIA H100 80GB HBM3 (Vulkan)"},
  ],
  'audio/sashimi-small': [
    {"data":"Guitar and piano","score":2.577,"unit":"bits per sample","baseline":{"name":"2-gram","value":3.001},"better":true,"steps":1000,"seconds":42.16,"memoryBytes":48797488,"device":"CPU, 1 thread, 256-bit SIMD with FMA"},
  ],
  'audio/s4d-small': [
    {"data":"Guitar and piano","score":2.24,"unit":"bits per sample","baseline":{"name":"2-gram","value":3.001},"better":true,"steps":1000,"seconds":23.86,"memoryBytes":25801776,"device":"CPU, 1 thread, 256-bit SIMD with FMA"},
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
  'timeseries/s4d-small': [
    {"data":"Seattle weather by the hour","score":0.0917,"unit":"MSE","baseline":{"name":"repeat the last value","value":0.2745},"better":true,"steps":1500,"seconds":27.72,"memoryBytes":11895216,"device":"CPU, 1 thread, 256-bit SIMD with FMA"},
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
  'text/hybrid-small': [
    {"data":"Tiny Shakespeare","score":1.537,"unit":"nats per character","baseline":{"name":"5-gram","value":1.669},"better":true,"steps":1200,"seconds":154.1,"memoryBytes":92465196,"device":"CPU, 1 thread, 256-bit SIMD with FMA"},
  ],
  'text/slstm-small': [
    {"data":"Tiny Shakespeare","score":1.616,"unit":"nats per character","baseline":{"name":"5-gram","value":1.669},"better":true,"steps":1200,"seconds":18.83,"memoryBytes":71960620,"device":"NVIDIA H100 80GB HBM3 (Vulkan)"},
  ],
  'text/mamba2-small': [
    {"data":"Tiny Shakespeare","score":1.522,"unit":"nats per character","baseline":{"name":"5-gram","value":1.669},"better":true,"steps":1200,"seconds":222.9,"memoryBytes":136465440,"device":"CPU, 1 thread, 256-bit SIMD with FMA"},
  ],
  'text/xlstm-small': [
    {"data":"Tiny Shakespeare","score":1.551,"unit":"nats per character","baseline":{"name":"5-gram","value":1.669},"better":true,"steps":1200,"seconds":57.74,"memoryBytes":131698220,"device":"NVIDIA H100 80GB HBM3 (Vulkan)"},
  ],
  'genomics/s4d-classify': [
    {"data":"Splice junctions","score":0.9185,"unit":"share right","baseline":{"name":"ridge regression on one-hot bases","value":0.9561},"better":false,"steps":925,"seconds":38.24,"memoryBytes":29434160,"device":"CPU, 1 thread, 256-bit SIMD with FMA"},
    {"data":"E. coli σ70 promoters","score":0.8971,"unit":"share right","baseline":{"name":"naive Bayes on 4-mers","value":0.8971},"better":false,"steps":800,"seconds":38.72,"memoryBytes":32715056,"device":"CPU, 1 thread, 256-bit SIMD with FMA"},
  ],
  'genomics/mamba-classify': [
    {"data":"Splice junctions","score":0.9185,"unit":"share right","baseline":{"name":"ridge regression on one-hot bases","value":0.9561},"better":false,"steps":600,"seconds":21.95,"memoryBytes":36201132,"device":"CPU, 1 thread, 256-bit SIMD with FMA"},
    {"data":"E. coli σ70 promoters","score":0.8867,"unit":"share right","baseline":{"name":"naive Bayes on 4-mers","value":0.8971},"better":false,"steps":600,"seconds":26.66,"memoryBytes":44256172,"device":"CPU, 1 thread, 256-bit SIMD with FMA"},
  ],
  'genomics/mamba-classify-nano': [
    {"data":"Splice junctions","score":0.9342,"unit":"share right","baseline":{"name":"ridge regression on one-hot bases","value":0.9561},"better":false,"steps":600,"seconds":9.863,"memoryBytes":18349996,"device":"CPU, 1 thread, 256-bit SIMD with FMA"},
    {"data":"E. coli σ70 promoters","score":0.888,"unit":"share right","baseline":{"name":"naive Bayes on 4-mers","value":0.8971},"better":false,"steps":600,"seconds":12.61,"memoryBytes":22509996,"device":"CPU, 1 thread, 256-bit SIMD with FMA"},
  ],
  'audio/s4d-classify': [
    {"data":"Spoken digits","score":0.9633,"unit":"share right","baseline":{"name":"1 nearest neighbour on spectra","value":0.9433},"better":true,"steps":1500,"seconds":1369,"memoryBytes":163762348,"device":"CPU, 2 threads, 256-bit SIMD with FMA"},
    {"data":"Spoken digits by speaker","score":0.632,"unit":"share right","baseline":{"name":"1 nearest neighbour on spectra","value":0.522},"better":true,"steps":1100,"seconds":188.8,"memoryBytes":163762352,"device":"CPU, 1 thread, 256-bit SIMD with FMA"},
  ],
  'audio/sashimi-classify': [
    {"data":"Spoken digits","score":0.9367,"unit":"share right","baseline":{"name":"1 nearest neighbour on spectra","value":0.9433},"better":false,"steps":1500,"seconds":148.4,"memoryBytes":97527920,"device":"CPU, 1 thread, 256-bit SIMD with FMA"},
    {"data":"Spoken digits by speaker","score":0.706,"unit":"share right","baseline":{"name":"1 nearest neighbour on spectra","value":0.522},"better":true,"steps":1450,"seconds":109.2,"memoryBytes":97527920,"device":"CPU, 1 thread, 256-bit SIMD with FMA"},
  ],
  'audio/mamba-classify': [
    {"data":"Spoken digits","score":0.9433,"unit":"share right","baseline":{"name":"1 nearest neighbour on spectra","value":0.9433},"better":false,"steps":1000,"seconds":129.9,"memoryBytes":127177260,"device":"CPU, 1 thread, 256-bit SIMD with FMA"},
    {"data":"Spoken digits by speaker","score":0.556,"unit":"share right","baseline":{"name":"1 nearest neighbour on spectra","value":0.522},"better":true,"steps":900,"seconds":119.9,"memoryBytes":127177260,"device":"CPU, 1 thread, 256-bit SIMD with FMA"},
  ],
  'audio/mamba-classify-nano': [
    {"data":"Spoken digits","score":0.8167,"unit":"share right","baseline":{"name":"1 nearest neighbour on spectra","value":0.9433},"better":false,"steps":600,"seconds":20.43,"memoryBytes":47228460,"device":"CPU, 1 thread, 256-bit SIMD with FMA"},
    {"data":"Spoken digits by speaker","score":0.436,"unit":"share right","baseline":{"name":"1 nearest neighbour on spectra","value":0.522},"better":false,"steps":600,"seconds":22.01,"memoryBytes":47228460,"device":"CPU, 1 thread, 256-bit SIMD with FMA"},
  ],
  'timeseries/s4d-classify': [
    {"data":"GunPoint","score":0.9133,"unit":"share right","baseline":{"name":"1 nearest neighbour","value":0.9},"better":true,"steps":600,"seconds":15.56,"memoryBytes":32043440,"device":"CPU, 1 thread, 256-bit SIMD with FMA"},
    {"data":"Italy power demand","score":0.9611,"unit":"share right","baseline":{"name":"1 nearest neighbour","value":0.9592},"better":true,"steps":600,"seconds":5.433,"memoryBytes":9107120,"device":"CPU, 1 thread, 256-bit SIMD with FMA"},
    {"data":"Basic motions","score":1,"unit":"share right","baseline":{"name":"1 nearest neighbour","value":0.575},"better":true,"steps":600,"seconds":9.858,"memoryBytes":21056432,"device":"CPU, 1 thread, 256-bit SIMD with FMA"},
  ],
  'timeseries/mamba-classify': [
    {"data":"GunPoint","score":0.9467,"unit":"share right","baseline":{"name":"1 nearest neighbour","value":0.9},"better":true,"steps":600,"seconds":23.85,"memoryBytes":64320044,"device":"CPU, 1 thread, 256-bit SIMD with FMA"},
    {"data":"Italy power demand","score":0.9631,"unit":"share right","baseline":{"name":"1 nearest neighbour","value":0.9592},"better":true,"steps":600,"seconds":4.983,"memoryBytes":13403180,"device":"CPU, 1 thread, 256-bit SIMD with FMA"},
    {"data":"Basic motions","score":1,"unit":"share right","baseline":{"name":"1 nearest neighbour","value":0.575},"better":true,"steps":600,"seconds":15.06,"memoryBytes":43479596,"device":"CPU, 1 thread, 256-bit SIMD with FMA"},
  ],
  'timeseries/mamba-classify-nano': [
    {"data":"GunPoint","score":0.9733,"unit":"share right","baseline":{"name":"1 nearest neighbour","value":0.9},"better":true,"steps":600,"seconds":9.425,"memoryBytes":32979628,"device":"CPU, 1 thread, 256-bit SIMD with FMA"},
    {"data":"Italy power demand","score":0.9631,"unit":"share right","baseline":{"name":"1 nearest neighbour","value":0.9592},"better":true,"steps":600,"seconds":2.328,"memoryBytes":6722860,"device":"CPU, 1 thread, 256-bit SIMD with FMA"},
    {"data":"Basic motions","score":1,"unit":"share right","baseline":{"name":"1 nearest neighbour","value":0.575},"better":true,"steps":600,"seconds":6.584,"memoryBytes":22274220,"device":"CPU, 1 thread, 256-bit SIMD with FMA"},
  ],
  'text/mamba-classify': [
    {"data":"TREC questions","score":0.828,"unit":"share right","baseline":{"name":"naive Bayes on words","value":0.746},"better":true,"steps":600,"seconds":54.35,"memoryBytes":98565676,"device":"CPU, 1 thread, 256-bit SIMD with FMA"},
    {"data":"SST-2","score":0.7529,"unit":"share right","baseline":{"name":"naive Bayes on words","value":0.8177},"better":false,"steps":600,"seconds":73.47,"memoryBytes":126730796,"device":"CPU, 1 thread, 256-bit SIMD with FMA"},
  ],
  'text/mamba-classify-nano': [
    {"data":"TREC questions","score":0.78,"unit":"share right","baseline":{"name":"naive Bayes on words","value":0.746},"better":true,"steps":600,"seconds":11.73,"memoryBytes":36285484,"device":"CPU, 1 thread, 256-bit SIMD with FMA"},
    {"data":"SST-2","score":0.6925,"unit":"share right","baseline":{"name":"naive Bayes on words","value":0.8177},"better":false,"steps":600,"seconds":16.04,"memoryBytes":46758444,"device":"CPU, 1 thread, 256-bit SIMD with FMA"},
  ],
}
