"""Duplicates, screening, full texts and counts."""

from django.urls import path

from .views import fulltexts, prisma

app_name = "screening"

urlpatterns = [
    # /r/<slug>/fulltexts/
    path("r/<slug:slug>/fulltexts/", fulltexts.worklist, name="fulltexts"),
    path("r/<slug:slug>/fulltexts/<int:pk>/", fulltexts.read, name="read"),
    path("r/<slug:slug>/fulltexts/<int:pk>/attach/", fulltexts.attach, name="attach"),
    path("r/<slug:slug>/fulltexts/<int:pk>/ask/", fulltexts.ask, name="ask"),
    path("r/<slug:slug>/fulltexts/<int:pk>/give-up/", fulltexts.give_up, name="give_up"),
    path("r/<slug:slug>/fulltexts/<int:pk>/resume/", fulltexts.resume, name="resume"),
    path("r/<slug:slug>/fulltexts/<int:pk>/detach/", fulltexts.detach, name="detach"),
    path("r/<slug:slug>/fulltexts/<int:pk>/file/", fulltexts.file, name="document"),
    # /r/<slug>/prisma/
    path("r/<slug:slug>/prisma/", prisma.page, name="prisma"),
    path("r/<slug:slug>/prisma/download/<str:kind>/", prisma.download, name="prisma_download"),
]
