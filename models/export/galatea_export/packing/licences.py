"""Licences of the published weights as SPDX expressions; the README says where the weights come from."""

#: NVIDIA's source code licence for EG3D: research and evaluation only.
EG3D = "LicenseRef-NVIDIA-EG3D-noncommercial"
#: VGG16 of Oxford's Visual Geometry Group, with the heads of LPIPS.
VGG16 = "CC-BY-4.0 AND BSD-2-Clause"
#: Recognisers trained on MS1M, which is licensed for non-commercial research, whatever the licence of their code.
ARCFACE = "LicenseRef-MS1M-noncommercial"
#: DPR states no licence, but research purpose only.
DPR = "LicenseRef-DPR-research-only"
#: Stable Diffusion 1 and 2 and models fine-tuned from them: any use except the uses that the licences list.
STABLE_DIFFUSION_1 = "LicenseRef-CreativeML-OpenRAIL-M"
STABLE_DIFFUSION_2 = "LicenseRef-CreativeML-OpenRAIL-PlusPlus-M"
#: Random weights of this project.
RANDOM = "Apache-2.0"
