# A pack as an image. PACK is its directory within this one:
#
#   docker build -f ops/kubernetes/pack.Dockerfile --build-arg PACK=models/maquette -t galatea-pack .

FROM busybox:1.37
ARG PACK=models/maquette
COPY ${PACK}/ /pack/
